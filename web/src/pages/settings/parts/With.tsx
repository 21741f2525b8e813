import type { ReactNode } from 'react';
import type { Settings } from '../../../api/types';
import { ErrorNotice } from '../../../shell/Notice';
import { Loading } from './Loading';
import { useSettings } from './use-settings';

/** What needs the settings: they, or that they are being read, or why they cannot be. */
export function WithSettings({ children }: { children: (settings: Settings) => ReactNode }) {
  const settings = useSettings();
  if (settings.isPending) return <Loading />;
  if (settings.data === undefined) {
    return <ErrorNotice error={settings.error} retry={() => void settings.refetch()} />;
  }
  return children(settings.data);
}
