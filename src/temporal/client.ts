import { readFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import type { TLSConfig } from '@temporalio/common/lib/internal-non-workflow';
import type { Config } from '../config';

export type TemporalClient = { client: Client; connection: Connection; close(): Promise<void> };

/** Connects at its first call, so that a process starts and works while Temporal is down. */
export function createTemporalClient(config: Config['temporal']): TemporalClient {
  const connection = Connection.lazy({
    ...connectionOptions(config),
    // A call fails at once when the server is away: the outbox tries again, not the call.
    interceptors: [],
    // gRPC would wait up to two minutes before it looks again.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 2000 },
  });
  return {
    connection,
    client: new Client({ connection, namespace: config.namespace }),
    close: () => connection.close(),
  };
}

/** Address and credentials, alike for clients and workers: an API key, mTLS by certificate files, or neither. */
export function connectionOptions(config: Config['temporal']): {
  address: string;
  apiKey?: string;
  tls?: TLSConfig | boolean;
} {
  const { address, apiKey, tlsCertFile, tlsKeyFile } = config;
  if (apiKey) return { address, apiKey, tls: true };
  if (!tlsCertFile || !tlsKeyFile) return { address };
  const clientCertPair = { crt: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) };
  return { address, tls: { clientCertPair } };
}
