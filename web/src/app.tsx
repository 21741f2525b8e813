import { Loader, MantineProvider } from '@mantine/core';
import {
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { BrowserRouter, Link, Outlet, Route, Routes } from 'react-router';
import { ApiError } from './api/client';
import { sessionKey } from './api/queries';
import { rightsOf, sessionQuery } from './api/session';
import type { Session } from './api/types';
import { LiveProvider } from './live/context';
import { LivePage } from './pages/live/LivePage';
import { Entrance } from './pages/sign-in/Entrance';
import { AlarmWatch } from './shell/AlarmWatch';
import { AppBar } from './shell/AppBar';
import { Crash } from './shell/Crash';
import { NewVersion } from './shell/NewVersion';
import { ErrorNotice, Notice } from './shell/Notice';
import { Shortcuts } from './shell/Shortcuts';
import { theme } from './styles/theme';

const CallsPage = lazy(() => import('./pages/calls/CallsPage'));
const CallPage = lazy(() => import('./pages/calls/CallPage'));
const PolicyPage = lazy(() => import('./pages/calls/PolicyPage'));
const QueuePage = lazy(() => import('./pages/queue/QueuePage'));
const WallEntry = lazy(() => import('./pages/wall/WallEntry'));
const HistoryPage = lazy(() => import('./pages/history/HistoryPage'));
const LostCallersPage = lazy(() => import('./pages/lost/LostCallersPage'));
const IndicatorsPage = lazy(() => import('./pages/indicators/IndicatorsPage'));
const ReportsPage = lazy(() => import('./pages/reports/ReportsPage'));
const EvidencePage = lazy(() => import('./pages/evidence/EvidencePage'));
const ContactsPages = lazy(() => import('./pages/contacts/ContactsPages'));
const AccountPage = lazy(() => import('./pages/account/AccountPage'));
const StandardsPage = lazy(() => import('./pages/standards/StandardsPage'));
const SettingsPages = lazy(() => import('./pages/settings/SettingsPages'));

/** A session that has ended in the middle of work is found out by the first answer that says so. */
function onRefused(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  if (queryClient.getQueryData(sessionKey) === null) return;
  void queryClient.invalidateQueries({ queryKey: sessionKey });
}

const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: onRefused }),
  mutationCache: new MutationCache({ onError: onRefused }),
  defaultOptions: {
    queries: {
      // An answer that says no will say no again.
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      staleTime: 10_000,
    },
  },
});

/** The server writes one into the page for each answer; its policy lets no other style in. */
const styleNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.nonce ?? '';

export function App() {
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      getStyleNonce={styleNonce}
    >
      <Crash>
        <QueryClientProvider client={queryClient}>
          {/* A transition waits until nothing else changes; on a live page that may be never. */}
          <BrowserRouter useTransitions={false}>
            <Routes>
              <Route
                path="wall"
                element={
                  <Suspense fallback={<Waiting />}>
                    <WallEntry />
                  </Suspense>
                }
              />
              <Route path="*" element={<SignedInOrNot />} />
            </Routes>
          </BrowserRouter>
        </QueryClientProvider>
      </Crash>
    </MantineProvider>
  );
}

function SignedInOrNot() {
  const cache = useQueryClient();
  const session = useQuery(sessionQuery(cache));
  const wasSignedIn = useRef(false);
  useEffect(() => {
    if (session.data) wasSignedIn.current = true;
  }, [session.data]);
  if (session.isPending) return <Waiting />;
  // Somebody who was signed in keeps the board, frozen, while the server is away.
  if (session.data === undefined) {
    return <ErrorNotice error={session.error} retry={() => void session.refetch()} />;
  }
  if (session.data === null) return <Entrance ended={wasSignedIn.current} />;
  // With other rights all begins anew: nothing stays on the screen that may not be seen any more.
  return <Pages key={rightsOf(session.data)} session={session.data} />;
}

function Pages({ session }: { session: Session }) {
  return (
    <LiveProvider>
      <Routes>
        <Route element={<Shell session={session} />}>
          <Route index element={<LivePage />} />
          <Route path="queues/:pbx/:queue" element={<QueuePage />} />
          <Route path="calls" element={<CallsPage />} />
          <Route path="calls/:id" element={<CallPage />} />
          <Route path="policies/:version" element={<PolicyPage />} />
          <Route path="history" element={<HistoryPage />} />
          <Route path="lost-callers" element={<LostCallersPage />} />
          <Route path="indicators" element={<IndicatorsPage />} />
          <Route path="reports" element={<ReportsPage />} />
          <Route path="evidence" element={<EvidencePage />} />
          <Route path="contacts/*" element={<ContactsPages />} />
          <Route path="account" element={<AccountPage />} />
          <Route path="standards" element={<StandardsPage />} />
          {session.role === 'admin' && <Route path="settings/*" element={<SettingsPages />} />}
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </LiveProvider>
  );
}

function Shell({ session }: { session: Session }) {
  return (
    <>
      <AppBar session={session} />
      <AlarmWatch />
      <Shortcuts />
      <NewVersion />
      <Suspense fallback={<Waiting />}>
        <Outlet />
      </Suspense>
    </>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Notice>
      <Loader aria-label={t('app.loading')} />
    </Notice>
  );
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <Notice>
      <p>{t('app.notFound')}</p>
      <Link to="/">{t('app.toLive')}</Link>
    </Notice>
  );
}
