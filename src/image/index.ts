/**
 * Container images: from what a server is to run to layers, manifests and what is said of them, the same bytes each time. No
 * daemon is asked and no program is run; what is packed comes from this machine, and from registries through the store.
 */
export { type DockerContext, dockerContext } from './docker/context.ts';
export type { DockerOptions } from './docker/options.ts';
export { type ImageName, imageText, readImageName, referenceOf } from './image-name.ts';
export { type ContextOptions, writeContext } from './io/write-context.ts';
export { type Platform, platforms } from './platform.ts';
export type { LayerFiles, Package, Recipe, RunConfig } from './recipe.ts';
