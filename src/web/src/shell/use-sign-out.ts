import { useLocation } from 'wouter';
import { call } from '../api';
import { paths } from '../paths';
import { queryClient, setMe } from '../queries';
import { toastError } from '../ui';

/** Ends the session and forgets what was read in it. */
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
  };
}
