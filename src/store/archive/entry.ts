/** What an archive holds, whatever its format; names and targets stand as they were written there, and are trusted with nothing. */
export interface ArchiveEntry {
  readonly name: string;
  readonly kind:
    | 'file'
    | 'folder'
    | 'symbolic link'
    | 'hard link'
    | 'device'
    | 'pipe'
    | 'socket'
    | 'sparse file';
  /** Where a link leads. */
  readonly target: string;
  /** Bytes of a file, as its header says. */
  readonly size: number;
  /** A file that its owner may run, where the archive says so: only those of zip are looked at. */
  readonly isProgram?: boolean;
  /** Exactly `size` bytes of a file, to be read once, before the next entry is asked for. What is not read is passed over. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
}
