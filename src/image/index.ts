/**
 * Container images: from what a server is to run to layers, manifests and what is said of them, the same bytes each time. No
 * daemon is asked and no program is run; what is packed comes from this machine, and from registries through the store.
 */
export type { Built, BuiltImage, BuiltLayer } from './built.ts';
export type { Content } from './content.ts';
export { type DockerContext, dockerContext } from './docker/context.ts';
export { type ImageName, imageText, readImageName, referenceOf } from './image-name.ts';
export { type BuildOptions, buildImage } from './io/build.ts';
export { contextOf } from './io/docker-context.ts';
export { readLayout } from './io/layout/read-layout.ts';
export { writeArchive } from './io/layout/write-archive.ts';
export { writeLayout } from './io/layout/write-layout.ts';
export { lyingOf } from './io/lying.ts';
export { digestsOf, modelLayers, packedFiles } from './io/model-layers.ts';
export { onnxPackages } from './io/node-packages.ts';
export { programFiles } from './io/program-files.ts';
export { type Pushed, type PushOptions, pushImage } from './io/push.ts';
export { writeContext } from './io/write-context.ts';
export { type Platform, platforms } from './platform.ts';
export type { LayerFiles, Package, Recipe, RunConfig } from './recipe.ts';
export type { Materials, RecipeOptions } from './recipes/materials.ts';
export { nativeFiles } from './recipes/native.ts';
export { basesOf, interpreters } from './recipes/places.ts';
export { recipeOf } from './recipes/recipe-of.ts';
export { selfRecipe } from './recipes/self.ts';
export { reportOf } from './report/report.ts';
export { reportText } from './report/text.ts';
