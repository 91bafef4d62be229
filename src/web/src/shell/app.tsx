import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { setSignedOutHandler } from '../api';
import { paths } from '../paths';
import { queryClient, setMe, useSession } from '../queries';
import { text } from '../text';
import { ErrorState, Toaster } from '../ui';
import { ErrorBoundary } from './error-boundary';
import { Shell } from './shell';

const SignInPage = lazy(async () => ({ default: (await import('../pages/auth')).SignInPage }));
const ForgotPasswordPage = lazy(async () => ({
  default: (await import('../pages/auth')).ForgotPasswordPage,
}));
const ApplyPage = lazy(async () => ({ default: (await import('../pages/apply')).ApplyPage }));
const UnsubscribePage = lazy(async () => ({
  default: (await import('../pages/unsubscribe')).UnsubscribePage,
}));
const MessagesPage = lazy(async () => ({ default: (await import('../pages/messages')).MessagesPage }));
const SetPasswordPage = lazy(async () => ({ default: (await import('../pages/auth')).SetPasswordPage }));

export function App() {
  useEffect(() => setSignedOutHandler(() => setMe(null)), []);
  return (
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary>
        <Suspense fallback={<Splash />}>
          <Switch>
            <Route path="/sign-in" component={SignInPage} />
            <Route path="/forgot-password" component={ForgotPasswordPage} />
            <Route path="/apply/:token" component={ApplyPage} />
            <Route path="/unsubscribe/:token" component={UnsubscribePage} />
            <Route path="/messages/:token" component={MessagesPage} />
            <Route path="/set-password/:token" component={SetPasswordPage} />
            <Route component={SignedIn} />
          </Switch>
        </Suspense>
      </ErrorBoundary>
      <Toaster />
    </QueryClientProvider>
  );
}

/** The shell for whoever is signed in; else the way there, and back again afterwards. */
function SignedIn() {
  const session = useSession();
  const [path] = useLocation();
  const search = useSearch();
  if (session.data) return <Shell />;
  if (session.data === null) {
    const here = search ? `${path}?${search}` : path;
    return <Redirect to={paths.signIn(here === '/' ? undefined : here)} replace />;
  }
  if (session.isError) {
    return (
      <main className="flex h-full items-center">
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  return <Splash />;
}

function Splash() {
  return (
    <div role="status" className="flex h-full items-center justify-center font-display text-2xl text-ink-3">
      {text.product}
    </div>
  );
}
