import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';

/**
 * Whose certificates are taken from mail servers: the usual authorities', and those in the file (PARLEY_MAIL_CA, PEM). Undefined without one: Node's own
 * choice. To be made once and shared by connections, for it takes a megabyte.
 */
export function mailTrust(caFile: string | undefined): SecureContext | undefined {
  if (caFile === undefined) return undefined;
  return createSecureContext({ ca: [...rootCertificates, readCertificates(caFile)] });
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
