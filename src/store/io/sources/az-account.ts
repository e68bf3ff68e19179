import { AnonymousCredential, StorageSharedKeyCredential } from '@azure/storage-blob';
import { type AppError, failure } from '#base';
import type { SourceOptions } from '../../source.ts';
import type { AzReference } from '../../uri/reference.ts';
import { configured } from './endpoint.ts';

/** Where a container is, and what shows that one may read it. */
export interface AzAccess {
  /** Of the container, with a shared access signature where there is one: a secret. */
  readonly url: string;
  readonly credential: StorageSharedKeyCredential | AnonymousCredential | TokenCredential;
  /** In words, for errors. */
  readonly by: 'nothing' | 'a shared access signature' | 'the account key' | 'an identity';
}

/** As the library of identities makes them; it is loaded only where nothing else is there. */
export interface TokenCredential {
  getToken(scopes: string | string[]): Promise<{ token: string; expiresOnTimestamp: number } | null>;
}

type Environment = SourceOptions['environment'];

/**
 * In this order: nothing where that is asked for, the signature in the URI, the connection string, the account's key, a signature
 * of the environment, and the chain of the library of identities. The first three count for the account they are of.
 */
export async function accessTo(
  reference: AzReference,
  uri: string,
  environment: Environment,
): Promise<AzAccess> {
  const accounts = accountsIn(environment);
  const name = reference.account ?? accounts[0]?.name;
  if (name === undefined) throw noAccount(reference, uri);
  const account = accounts.find(one => one.name === name) ?? { name };
  const endpoint = configured(
    reference.endpoint ?? account.endpoint ?? `https://${name}.blob.core.windows.net`,
    'what AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT names',
    uri,
  );
  const url = `${endpoint.replace(/\/+$/, '')}/${reference.container}`;
  return showing(reference, account, url);
}

async function showing({ options, sas }: AzReference, account: Account, url: string): Promise<AzAccess> {
  const none = new AnonymousCredential();
  if (options.anonymous === true) return { url, credential: none, by: 'nothing' };
  const signature = sas ?? (account.key === undefined ? account.sas : undefined);
  if (signature !== undefined)
    return { url: `${url}?${signature}`, credential: none, by: 'a shared access signature' };
  if (account.key !== undefined) {
    const credential = new StorageSharedKeyCredential(account.name, account.key);
    return { url, credential, by: 'the account key' };
  }
  const { DefaultAzureCredential } = await import('@azure/identity');
  return { url, credential: new DefaultAzureCredential(), by: 'an identity' };
}

/** An account that the environment has something of. */
interface Account {
  readonly name: string;
  readonly endpoint?: string;
  readonly key?: string;
  readonly sas?: string;
}

function accountsIn(environment: Environment): readonly Account[] {
  const text = environment['AZURE_STORAGE_CONNECTION_STRING'];
  const connected = text ? connectionOf(text) : undefined;
  const name = environment['AZURE_STORAGE_ACCOUNT'] || environment['AZURE_STORAGE_ACCOUNT_NAME'];
  const key = environment['AZURE_STORAGE_KEY'] || environment['AZURE_STORAGE_ACCOUNT_KEY'];
  const sas = environment['AZURE_STORAGE_SAS_TOKEN']?.replace(/^\?/, '');
  const named = name ? { name, ...(key && { key }), ...(sas && { sas }) } : undefined;
  return [connected, named].filter(account => account !== undefined);
}

/** https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function connectionOf(text: string): Account | undefined {
  const pairs = text.split(';').map(pair => /^\s*([^=]+)=(.*)$/s.exec(pair));
  const values = new Map(
    pairs.flatMap(pair => (pair === null ? [] : [[pair[1]?.toLowerCase(), pair[2]?.trim()]])),
  );
  if (values.get('usedevelopmentstorage') === 'true') return EMULATOR;
  const protocol = values.get('defaultendpointsprotocol') ?? 'https';
  const suffix = values.get('endpointsuffix') ?? 'core.windows.net';
  const endpoint = values.get('blobendpoint');
  const name = values.get('accountname') ?? /^https?:\/\/([^./:]+)\.blob\./.exec(endpoint ?? '')?.[1];
  if (name === undefined) return undefined;
  const key = values.get('accountkey');
  const sas = values.get('sharedaccesssignature')?.replace(/^\?/, '');
  const where = { name, endpoint: endpoint ?? `${protocol}://${name}.blob.${suffix}` };
  return { ...where, ...(key !== undefined && { key }), ...(sas !== undefined && { sas }) };
}

/** What everybody's emulator has: no secret. https://learn.microsoft.com/azure/storage/common/storage-use-azurite */
const EMULATOR: Account = {
  name: 'devstoreaccount1',
  endpoint: 'http://127.0.0.1:10000/devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

function noAccount({ container, key }: AzReference, uri: string): AppError {
  const problem =
    'it names no storage account, and neither AZURE_STORAGE_CONNECTION_STRING nor AZURE_STORAGE_ACCOUNT does';
  return failure('uri_invalid', { uri, problem, remedy: `az://${container}@account/${key}` });
}
