import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/**
 * Whose certificates are taken from mail servers: the usual authorities', and those in the files (PARLEY_MAIL_CA, PEM, separated by commas). Undefined
 * without any: Node's own choice. To be made once and shared by connections, for it takes a megabyte.
 */
export function mailTrust(caFiles: string | undefined): SecureContext | undefined {
  if (caFiles === undefined) return undefined;
  const own = caFiles.split(',').map((file) => readCertificates(file.trim()));
  return createSecureContext({ ca: [...rootCertificates, ...own] });
}

/** As an option of `tls`. */
export const trusting = (trust: SecureContext | undefined): { secureContext?: SecureContext } =>
  trust ? { secureContext: trust } : {};

/** What is no certificate would be passed over in silence. */
function readCertificates(caFile: string): Buffer {
  try {
    const file = readFileSync(caFile);
    new X509Certificate(file);
    return file;
  } catch (error) {
    throw new Error(`PARLEY_MAIL_CA: no certificate can be read from ${caFile}`, { cause: error });
  }
}
