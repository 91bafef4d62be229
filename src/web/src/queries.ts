import {
  QueryClient,
  useMutation,
  useQuery,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { useRef } from 'react';
import type { Me } from '../../contracts/session';
import {
  ApiError,
  call,
  newIntent,
  setCsrfToken,
  type CallArgs,
  type CallResult,
  type GetKey,
  type RouteKey,
} from './api';
import type { Role } from '../../contracts/common';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      // a refusal stays a refusal; only a missing answer is worth asking again
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      retryDelay: (count) => 500 * 2 ** count,
    },
    mutations: { retry: false },
  },
});

/** Every query key begins with its route, so that live events and `refresh` find it. */
export const keyOf = <K extends GetKey>(key: K, args?: CallArgs<K>) => [key, args ?? {}] as const;

/** Reads one route: `useRoute('GET /api/v1/people/{personId}', { params: { personId } })`. `null` asks nothing. */
export function useRoute<K extends GetKey>(
  key: K,
  args: CallArgs<K> | null,
  options: { staleTime?: number; refetchInterval?: number; keepPrevious?: boolean } = {},
): UseQueryResult<CallResult<K>, ApiError> {
  const result = useQuery<CallResult<K>, ApiError>({
    queryKey: keyOf(key, args ?? undefined),
    queryFn: ({ signal }) => callAny(key, args, { signal }),
    enabled: args !== null,
    staleTime: options.staleTime,
    refetchInterval: options.refetchInterval,
    ...(options.keepPrevious ? { placeholderData: (previous: unknown) => previous as never } : {}),
  });
  // what is gone, as a person who was erased, is not shown as it was last
  const gone = result.error?.status === 404 && result.data !== undefined;
  return gone ? ({ ...result, data: undefined } as unknown as typeof result) : result;
}

/**
 * A command: `const move = useAction('POST /api/v1/applications/{applicationId}/move')`, then `move.mutate({ params, body })`.
 * Pressing again after a failure without an answer repeats the same intent, so that nothing is done twice.
 */
export function useAction<K extends RouteKey>(
  key: K,
  options: {
    onSuccess?: (result: CallResult<K>, args: CallArgs<K>) => void;
    onError?: (error: ApiError, args: CallArgs<K>) => void;
    /** Routes whose data changes by it. */
    refresh?: GetKey[];
  } = {},
): UseMutationResult<CallResult<K>, ApiError, CallArgs<K>> {
  const unanswered = useRef<{ args: string; intent: string } | null>(null);
  return useMutation<CallResult<K>, ApiError, CallArgs<K>>({
    mutationFn: async (args) => {
      const text = JSON.stringify(args);
      const intent = unanswered.current?.args === text ? unanswered.current.intent : newIntent();
      unanswered.current = { args: text, intent };
      try {
        const result = await callAny(key, args, { idempotencyKey: intent });
        unanswered.current = null;
        return result;
      } catch (error) {
        if (error instanceof ApiError && error.status !== 0 && error.status < 500) unanswered.current = null;
        throw error;
      }
    },
    onSuccess: (result, args) => {
      if (options.refresh) refresh(...options.refresh);
      options.onSuccess?.(result, args);
    },
    onError: (error, args) => options.onError?.(error, args),
  });
}

/** Reads these routes again, wherever they are shown. */
export function refresh(...keys: GetKey[]): void {
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => keys.includes(queryKey[0] as GetKey) });
}

const meKey = keyOf('GET /api/v1/me');

async function fetchMe(): Promise<Me | null> {
  try {
    const me = await call('GET /api/v1/me');
    setCsrfToken(me.csrfToken);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null: nobody. Pages inside the shell use `useMe`. */
export function useSession(): UseQueryResult<Me | null, ApiError> {
  return useQuery<Me | null, ApiError>({ queryKey: meKey, queryFn: fetchMe, staleTime: 5 * 60_000 });
}

/** Who was signed in last on this page. */
let lastMe: Me | null | undefined;

/** Who is signed in. Only inside the shell, where somebody is. */
export function useMe(): Me {
  const { data } = useSession();
  // The session may end while this is shown, or before a part shows that was on its way: the shell goes next and takes it along.
  lastMe = data ?? lastMe;
  if (!lastMe) throw new Error('useMe outside of a session');
  return lastMe;
}

export function setMe(me: Me | null): void {
  if (me) setCsrfToken(me.csrfToken);
  queryClient.setQueryData(meKey, me);
}

/** Who may change what, by role; the server decides again (R-ROLE-1). */
export function isOffice(role: Role): boolean {
  return role === 'administrator' || role === 'supervisor' || role === 'recruiter';
}

export function useUsers() {
  return useRoute('GET /api/v1/users', {}, { staleTime: 60_000 });
}

export function useCounts() {
  return useRoute('GET /api/v1/conversations/counts', {}, { refetchInterval: 60_000 });
}

/** `call` for a key that is only known as one of many. */
export function callAny<K extends RouteKey>(
  key: K,
  args: CallArgs<K> | null,
  options: { signal?: AbortSignal; idempotencyKey?: string },
): Promise<CallResult<K>> {
  return (call as (key: K, args: unknown, options: unknown) => Promise<CallResult<K>>)(
    key,
    args ?? {},
    options,
  );
}
