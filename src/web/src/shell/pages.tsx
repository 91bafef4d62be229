import { lazy, Suspense, type ComponentType } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { paths } from '../paths';
import { LoadingRows, NotFound } from '../ui';
import { ErrorBoundary } from './error-boundary';

const InboxPage = lazy(async () => ({ default: (await import('../pages/inbox')).InboxPage }));
const MailPage = page('mail', 'MailPage');
const BoardPage = page('board', 'BoardPage');
const VacanciesPage = page('vacancies', 'VacanciesPage');
const MatchPage = page('board', 'MatchPage');
const PeoplePage = page('people', 'PeoplePage');
const PersonPage = page('people', 'PersonPage');
const EmployerPage = page('people', 'EmployerPage');
const ImportPage = lazy(async () => ({ default: (await import('../pages/import')).ImportPage }));
const SendsPage = page('sends', 'SendsPage');
const SendPage = page('sends', 'SendPage');
const ReportsPage = page('reports', 'ReportsPage');
const HeldMailsPage = page('held-mails', 'HeldMailsPage');
const SettingsPage = page('settings', 'SettingsPage');
const AccountPage = page('account', 'AccountPage');

/** Every page behind the sign-in, each in a file of its own until it is needed. They take their ids by `useParams`. */
export function Pages() {
  const [path] = useLocation();
  return (
    <ErrorBoundary resetKey={path}>
      <Suspense fallback={<LoadingRows rows={8} />}>
        <Switch>
          <Route path="/">
            <Redirect to={paths.inbox()} replace />
          </Route>
          <Route path="/inbox/:conversationId?" component={InboxPage} />
          <Route path="/mail/:folder?/:mailId?" component={MailPage} />
          <Route path="/vacancies" component={VacanciesPage} />
          <Route path="/vacancies/:vacancyId" component={BoardPage} />
          <Route path="/applications/:applicationId" component={MatchPage} />
          <Route path="/people" component={PeoplePage} />
          <Route path="/people/import" component={ImportPage} />
          <Route path="/people/employers/:employerId" component={EmployerPage} />
          <Route path="/people/:personId" component={PersonPage} />
          <Route path="/sends" component={SendsPage} />
          <Route path="/sends/:bulkSendId" component={SendPage} />
          <Route path="/reports" component={ReportsPage} />
          <Route path="/held-mails" component={HeldMailsPage} />
          <Route path="/settings/:section?/:item?" component={SettingsPage} />
          <Route path="/account" component={AccountPage} />
          <Route>
            <NotFound pageHeading />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

function page(folder: string, name: string) {
  const load = import.meta.glob<Record<string, ComponentType>>(
    '../pages/{board,vacancies,people,sends,reports,settings,account,mail,held-mails}/index.tsx',
  )[`../pages/${folder}/index.tsx`];
  return lazy(async () => ({ default: (await load?.())?.[name] ?? NotFound }));
}
