import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { waysIn, waysKey } from '../../api/entrance';
import { Notice } from '../../shell/Notice';
import { SignInPage } from './SignInPage';

const FirstRunPage = lazy(() => import('../first-run/FirstRunPage'));

/** What is shown when nobody is signed in: the sign-in page, or the first run. */
export function Entrance({ ended }: { ended: boolean }) {
  const { t } = useTranslation();
  const ways = useQuery({ queryKey: waysKey, queryFn: waysIn, staleTime: 60_000, retry: 1 });
  const waiting = (
    <Notice>
      <Loader aria-label={t('app.loading')} />
    </Notice>
  );
  if (ways.isPending) return waiting;
  if (ways.data?.needed) {
    return (
      <Suspense fallback={waiting}>
        <FirstRunPage />
      </Suspense>
    );
  }
  return <SignInPage ended={ended} provider={ways.data?.provider ?? null} />;
}
