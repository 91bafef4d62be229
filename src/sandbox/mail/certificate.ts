import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM. */
export type Certificate = { key: string; cert: string };

const validYears = 10;

/** The one that stands in the folder; made at the first start, and anew once it has run out. */
export function loadCertificate(dataDir: string | undefined, now: Date): Certificate {
  if (dataDir === undefined) return makeCertificate(now);
  const files = { key: join(dataDir, 'mail-key.pem'), cert: join(dataDir, 'mail-certificate.pem') };
  try {
    const kept = { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
    const certificate = new X509Certificate(kept.cert);
    if (certificate.checkPrivateKey(createPrivateKey(kept.key)) && now < new Date(certificate.validTo))
      return kept;
  } catch {
    // there is none, or half of one
  }
  const made = makeCertificate(now);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(files.key, made.key, { mode: 0o600 });
  writeFileSync(files.cert, made.cert);
  return made;
}

/**
 * For this machine's own names, signed by itself (RFC 5280). It may sign no other: whoever trusts it trusts these names and nothing else. Written by
 * hand, because Node reads certificates but makes none.
 */
function makeCertificate(now: Date): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(der(0x31, sequence(oid('550403'), text('localhost'))));
  const from = new Date(now.getTime() - 86_400_000);
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + validYears);
  const serial = randomBytes(16);
  // a positive number without leading zeros
  serial[0] = 0x40 | (serial[0]! & 0x3f);
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeNames, noAuthority, forServers)),
  );
  const signature = sign('sha256', toSign, privateKey);
  const whole = sequence(toSign, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`,
  };
}

/** A value in DER: tag, length, content. */
function der(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const text = (words: string): Buffer => der(0x0c, Buffer.from(words));
/** UTCTime: two digits of the year, until 2049. */
const time = (at: Date): Buffer =>
  der(0x17, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const alternativeNames = sequence(
  oid('551d11'),
  der(
    0x04,
    sequence(
      der(0x82, Buffer.from('localhost')),
      der(0x87, Buffer.from([127, 0, 0, 1])),
      der(0x87, Buffer.concat([Buffer.alloc(15), Buffer.from([1])])),
    ),
  ),
);
/** basicConstraints, critical, without cA. */
const noAuthority = sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, sequence()));
/** extKeyUsage: serverAuth. */
const forServers = sequence(oid('551d25'), der(0x04, sequence(oid('2b06010505070301'))));
