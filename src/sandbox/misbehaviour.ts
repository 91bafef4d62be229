import type { Misbehaviour, Times } from './model';
import type { Store } from './store';

type Counted =
  'refuse' | 'httpError' | 'hangUpAfterAccept' | 'hangUpBeforeAccept' | 'neverAnswer' | 'dropWebhooks';

/** The switches that are on for one message: the phone's, and behind them its account's. */
export type MisbehaviourView = {
  /** The setting without using it up. */
  value<Key extends keyof Misbehaviour>(key: Key): Misbehaviour[Key] | undefined;
  /** The setting, and one use less of it. */
  use<Key extends Counted>(key: Key): NonNullable<Misbehaviour[Key]> | undefined;
};

export function misbehaviourOf(
  store: Store,
  scope: { phoneNumberId: string | undefined; waId: string | undefined },
): MisbehaviourView {
  const { misbehaviour } = store.tables;
  const layers =
    misbehaviour.size === 0
      ? []
      : [scope.waId, scope.phoneNumberId]
          .map((id) => (id === undefined ? undefined : misbehaviour.get(id)))
          .filter((layer) => layer !== undefined);
  return {
    value(key) {
      return layers.find((layer) => layer[key] !== undefined && layer[key] !== false)?.[key];
    },
    use(key) {
      const layer = layers.find((candidate) => candidate[key] !== undefined);
      if (!layer) return undefined;
      const setting = layer[key];
      if (setting === undefined) return undefined;
      countDown(store, layer, key);
      return setting;
    },
  };
}

function countDown(store: Store, layer: Misbehaviour, key: Counted): void {
  const setting = layer[key];
  const times: Times | undefined = typeof setting === 'object' ? setting.times : setting;
  if (typeof times !== 'number') return;
  const next = { ...layer };
  if (times <= 1) delete next[key];
  else if (typeof setting === 'object') Object.assign(next, { [key]: { ...setting, times: times - 1 } });
  else Object.assign(next, { [key]: times - 1 });
  Object.assign(layer, next);
  if (times <= 1) delete layer[key];
  if (Object.keys(layer).length === 1) store.remove('misbehaviour', layer.id);
  else store.put('misbehaviour', layer);
}
