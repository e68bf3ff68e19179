import type { BaseContents, BaseFile } from '../base-image.ts';
import type { Package } from '../recipe.ts';
import { apksIn } from './apk.ts';
import { debsIn } from './dpkg.ts';
import { type Installed, ownerOf } from './installed.ts';
import { npmsIn } from './npm.ts';
import { systemIn } from './os-release.ts';
import { Overlay } from './overlay.ts';
import { pypisIn } from './pypi.ts';
import type { LayerScan } from './scan.ts';

/** What is in an image, by its layers, lowest first. */
export function contentsFrom(scans: readonly LayerScan[]): BaseContents {
  const overlay = new Overlay();
  for (const [layer, scan] of scans.entries()) overlay.add(scan, layer);
  const texts = overlay.texts();
  const files = overlay.files();
  const owners = new Owners(files, path => overlay.placeOf(path));
  // Where a system's package manager installed a package of a language, it is the system's, and counts once.
  owners.take([...debsIn(texts), ...apksIn(texts)]);
  owners.take([...pypisIn(texts), ...npmsIn(texts)]);
  const system = systemIn(texts);
  const layerBytes = scans.map(({ rows }) => rows.reduce((sum, [, , size]) => sum + size, 0));
  return {
    files: owners.files(),
    packages: owners.packages(),
    layerBytes,
    ...(system !== undefined && { system }),
  };
}

/** Whose each file is: of two that claim one, the first. */
class Owners {
  readonly #files: ReadonlyMap<string, BaseFile>;
  readonly #placeOf: (path: string) => string | undefined;
  readonly #owners = new Map<string, Package>();
  readonly #packages: Package[] = [];

  constructor(files: ReadonlyMap<string, BaseFile>, placeOf: (path: string) => string | undefined) {
    this.#files = files;
    this.#placeOf = placeOf;
  }

  take(installed: readonly Installed[]): void {
    const free = installed.filter(({ folder }) => folder === undefined || !this.#isOwned(folder));
    for (const one of free) {
      this.#packages.push(one.package);
      for (const path of one.paths) this.#claim(this.#placeOf(path), one.package);
    }
    const folders = free.flatMap(({ folder, package: of }) =>
      folder === undefined ? [] : ([[folder, of]] as const),
    );
    this.#claimFolders(new Map(folders));
  }

  files(): ReadonlyMap<string, BaseFile> {
    const files = new Map<string, BaseFile>();
    for (const [path, file] of this.#files) {
      const owner = this.#owners.get(path);
      files.set(path, owner === undefined ? file : { ...file, owner: ownerOf(owner) });
    }
    return files;
  }

  /** By kind, name and version; one that is installed in several places counts once, with all its bytes. */
  packages(): readonly Package[] {
    const sizes = new Map<Package, number>(this.#packages.map(one => [one, 0]));
    for (const [path, owner] of this.#owners)
      sizes.set(owner, (sizes.get(owner) ?? 0) + (this.#files.get(path)?.size ?? 0));
    const found = new Map<string, Package>();
    for (const [one, bytes] of sizes) {
      const key = [one.kind, one.name, one.version, one.architecture ?? ''].join(' ');
      found.set(key, { ...one, bytes: bytes + (found.get(key)?.bytes ?? 0) });
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** What tells of a package lies in its folder: if that is another one's, so is the package. */
  #isOwned(folder: string): boolean {
    return ['METADATA', 'package.json'].some(name => this.#owners.has(`${folder}/${name}`));
  }

  #claim(path: string | undefined, owner: Package): void {
    if (path === undefined || this.#owners.has(path)) return;
    const kind = this.#files.get(path)?.kind;
    if (kind === 'file' || kind === 'link') this.#owners.set(path, owner);
  }

  #claimFolders(folders: ReadonlyMap<string, Package>): void {
    if (folders.size === 0) return;
    for (const path of this.#files.keys()) {
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
        const owner = folders.get(path.slice(0, end));
        if (owner === undefined) continue;
        this.#claim(path, owner);
        break;
      }
    }
  }
}
