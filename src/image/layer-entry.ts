/**
 * What a layer holds, before it is packed: no owner, time or mode but whether it is a program, so that the same files are the same
 * layer whoever's they are. All belong to root, and nobody else may write them.
 */
export type LayerEntry = FileEntry | FolderEntry | LinkEntry;

export interface FileEntry {
  readonly kind: 'file';
  /** From the root of the image, without the slash before it: `models/digits/2/model.onnx`. */
  readonly path: string;
  /** Where its bytes lie on this machine, or what they are. */
  readonly from: string | Uint8Array;
  readonly isProgram?: boolean;
}

/** One that is to be there though it is empty; those that files lie in are made anyway. */
export interface FolderEntry {
  readonly kind: 'folder';
  readonly path: string;
}

/** A symbolic link. */
export interface LinkEntry {
  readonly kind: 'link';
  readonly path: string;
  readonly target: string;
}
