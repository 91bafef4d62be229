import type { Response } from 'express';

/** What the pages are told; they fetch the rest. */
type LiveEvent =
  | { type: 'message' | 'status' | 'typing'; waId: string; phoneNumberId: string; messageId?: string }
  | { type: 'phone'; waId: string }
  | { type: 'account' | 'template' | 'webhook' | 'misbehaviour' | 'mail' | 'dns' | 'reset' };

export type Live = {
  emit(event: LiveEvent): void;
  subscribe(response: Response): void;
  close(): void;
};

/** Server-sent events for the pages. Costs nothing while no page is open. */
export function createLive(): Live {
  const listeners = new Set<Response>();
  let pending = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    timer = undefined;
    const text = [...pending.values()].map((data) => `data: ${data}\n\n`).join('');
    pending = new Map();
    for (const listener of listeners) listener.write(text);
  }

  return {
    emit(event) {
      if (listeners.size === 0) return;
      const data = JSON.stringify(event);
      pending.set(data, data);
      // Under load the pages get one coalesced notice instead of one per message.
      timer ??= setTimeout(flush, 20);
    },
    subscribe(response) {
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      response.write('retry: 1000\n\n');
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    close() {
      clearTimeout(timer);
      for (const listener of listeners) listener.end();
      listeners.clear();
    },
  };
}
