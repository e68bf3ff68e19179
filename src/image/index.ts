/**
 * Container images: from what a server is to run to layers, manifests and what is said of them, the same bytes each time. No
 * daemon is asked and no program is run; what is packed comes from this machine, and from registries through the store.
 */
export type { Built, BuiltImage, BuiltLayer, LayerRole } from './built.ts';
export type { Blob, Content, Described } from './content.ts';
export { type ImageName, imageText, readImageName, referenceOf } from './image-name.ts';
export { type BuildOptions, type BuildProgress, buildImage } from './io/build.ts';
export { type ReadLayout, readLayout } from './io/layout/read-layout.ts';
export { writeArchive } from './io/layout/write-archive.ts';
export { type WriteOptions, writeLayout } from './io/layout/write-layout.ts';
export { type Platform, platforms } from './platform.ts';
export type { LayerFiles, Package, Recipe, RunConfig } from './recipe.ts';
