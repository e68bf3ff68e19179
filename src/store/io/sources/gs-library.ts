/** Google's own library, which is loaded where credentials are looked for. Bundled, it has names only for such an import. */
import { GoogleAuth } from 'google-auth-library';

/**
 * Application Default Credentials. The library looks into the process itself, for GOOGLE_APPLICATION_CREDENTIALS, files of gcloud
 * and the machine it is on.
 */
export function defaultAuth(): GoogleAuth {
  return new GoogleAuth({
    scopes: 'https://www.googleapis.com/auth/devstorage.read_only',
    // It is sent to nobody. Without one the library asks a further API for it, which many accounts and networks refuse.
    projectId: 'unknown',
  });
}
