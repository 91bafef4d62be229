import type { DnsRecords } from '../model';
import type { Live } from '../live';
import type { Store } from '../store';

export type RecordType = DnsRecords['type'];

/** The records that somebody has entered at their DNS provider. */
export type Zone = {
  all(): DnsRecords[];
  /** Takes the place of what stood there. An empty list stays known, as none. */
  set(type: RecordType, name: string, values: string[]): DnsRecords;
  /** Undefined: the name is somebody else's, and other servers know it. */
  find(type: RecordType, name: string): string[] | undefined;
};

/** Domains that nobody can have (RFC 2606): there is no use in asking for them elsewhere. */
const reserved = /\.(test|example|invalid|localhost)$/;

const keyOf = (name: string): string => name.trim().toLowerCase().replace(/\.$/, '');

export function createZone({ store, live }: { store: Store; live: Live }): Zone {
  const { dnsRecords } = store.tables;
  return {
    all: () => [...dnsRecords.values()],
    set(type, name, values) {
      const key = keyOf(name);
      const records: DnsRecords = { id: `${type} ${key}`, type, name: key, values };
      store.put('dnsRecords', records);
      store.flush();
      live.emit({ type: 'dns' });
      return records;
    },
    find(type, name) {
      const key = keyOf(name);
      const known = dnsRecords.get(`${type} ${key}`);
      if (known) return known.values;
      const isOurs = [...dnsRecords.values()].some(
        (records) => key === records.name || key.endsWith(`.${records.name}`),
      );
      return isOurs || reserved.test(key) ? [] : undefined;
    },
  };
}
