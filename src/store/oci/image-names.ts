import { namesOf } from '../archive/place.ts';

/** Where a modelcar of KServe has its model. */
export const MODELS = 'models';

/** What every operating system has at its root, and no model. */
const SYSTEM = ['bin', 'sbin', 'etc', 'usr', 'lib', 'lib64', 'proc', 'sys', 'dev'];

/** What the names at the root of an image say of it. */
export class ImageNames {
  hasModels = false;
  isSystem = false;

  add(name: string): void {
    const [top = ''] = namesOf(name);
    this.hasModels ||= top === MODELS;
    this.isSystem ||= SYSTEM.includes(top);
  }
}
