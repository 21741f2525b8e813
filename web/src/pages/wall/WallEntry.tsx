import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { ApiError } from '../../api/client';
import { currentSession, sessionKey } from '../../api/queries';
import { LiveProvider } from '../../live/context';
import { readWall, type WallSettings } from '../../live/wall';
import { deviceToken, exchangeToken, withoutToken } from '../../shell/device';
import styles from './Wall.module.css';
import { WallPage } from './WallPage';

const RETRY_MS = 5_000;
/** Asked for now and then, so that the server prolongs the session of a screen that lives on. */
const RENEW_MS = 30 * 60_000;

/** The wall's own way in: no form is ever shown, and nothing is given up. */
export default function WallEntry() {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const settings = useMemo(() => readWall(params), [params]);
  useLook(settings);
  const exchanged = useExchange();
  const session = useQuery({
    queryKey: sessionKey,
    queryFn: currentSession,
    enabled: exchanged,
    // A screen in an empty room: whatever is wrong now is tried again, all night.
    refetchInterval: ({ state }) => (state.data ? RENEW_MS : RETRY_MS),
    refetchIntervalInBackground: true,
    retry: false,
  });
  if (session.data) {
    return (
      <LiveProvider>
        <WallPage settings={settings} />
      </LiveProvider>
    );
  }
  if (session.data === null) {
    return (
      <Plain title={t('wall.ended')} text={t('wall.endedText')}>
        <a href="/">{t('wall.signIn')}</a>
      </Plain>
    );
  }
  const title = session.isError ? t('wall.offline') : t('live.connectingTitle');
  return <Plain title={title} text={session.isError ? t('wall.offlineText') : ''} />;
}

function Plain({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <main id="content" className={styles.plain} role="status">
      <h1>{title}</h1>
      <p>{text}</p>
      {children}
    </main>
  );
}

/** Exchanges the key in the address, if there is one; true when there is nothing left to do. */
function useExchange(): boolean {
  const queryClient = useQueryClient();
  const [token] = useState(() => deviceToken(window.location.hash));
  const [done, setDone] = useState(token === null);
  useEffect(() => {
    if (done || token === null) return;
    let timer = 0;
    let wanted = true;
    const finish = () => {
      window.history.replaceState(window.history.state, '', withoutToken(window.location.href));
      void queryClient.invalidateQueries({ queryKey: sessionKey });
      if (wanted) setDone(true);
    };
    const attempt = () => {
      exchangeToken(token).then(finish, (error: unknown) => {
        // No means no; but a server that is away may say yes later.
        const refused = error instanceof ApiError && [400, 401, 403, 422].includes(error.status);
        if (refused) finish();
        else if (wanted) timer = window.setTimeout(attempt, RETRY_MS);
      });
    };
    attempt();
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [done, token, queryClient]);
  return done;
}

/** Language and theme are the screen's own, as its address says; nobody's choice is changed. */
function useLook({ language, theme }: WallSettings): void {
  const { i18n } = useTranslation();
  useEffect(() => {
    if (language !== null) void i18n.changeLanguage(language);
  }, [language, i18n]);
  useLayoutEffect(() => {
    const root = document.documentElement;
    const before = root.getAttribute('data-mantine-color-scheme');
    const apply = () => {
      if (root.getAttribute('data-mantine-color-scheme') !== theme) {
        root.setAttribute('data-mantine-color-scheme', theme);
      }
    };
    apply();
    // The library follows the system's scheme; a wall screen does not.
    const watch = new MutationObserver(apply);
    watch.observe(root, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      watch.disconnect();
      if (before !== null) root.setAttribute('data-mantine-color-scheme', before);
    };
  }, [theme]);
}
