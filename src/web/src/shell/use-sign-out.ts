import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { call } from '../api';
import { paths } from '../paths';
import { queryClient, setMe } from '../queries';
import { toastError } from '../ui';

const channelName = 'parley-signed-out';

/** Ends the session and forgets what was read in it; the other tabs of this browser do the same. */
export function useSignOut(): () => Promise<void> {
  const [, navigate] = useLocation();
  return async () => {
    try {
      await call('DELETE /api/v1/session');
    } catch (error) {
      return toastError(error);
    }
    queryClient.clear();
    setMe(null);
    navigate(paths.signIn());
    if (typeof BroadcastChannel !== 'function') return;
    const others = new BroadcastChannel(channelName);
    others.postMessage(null);
    others.close();
  };
}

/** What was read may not stay on the screen of a tab that nobody looks at. */
export function useSignOutOfOtherTabs(): void {
  useEffect(() => {
    if (typeof BroadcastChannel !== 'function') return undefined;
    const others = new BroadcastChannel(channelName);
    others.onmessage = () => window.location.reload();
    return () => others.close();
  }, []);
}
