// What this browser remembers: drafts, the view of the inbox, small choices. Private windows may refuse to store: then nothing is.

export function readStored<T>(key: string, fallback: T): T {
  try {
    const stored = window.localStorage.getItem(`parley.${key}`);
    return stored === null ? fallback : (JSON.parse(stored) as T);
  } catch {
    return fallback;
  }
}

export function store(key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) window.localStorage.removeItem(`parley.${key}`);
    else window.localStorage.setItem(`parley.${key}`, JSON.stringify(value));
  } catch {
    // full or forbidden
  }
}
