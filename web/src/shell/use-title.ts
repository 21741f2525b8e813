import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { badgeIcon } from './badge';

/**
 * The tab's title, and on its icon how many callers are past the minute.
 *
 * `badge` null: not known now, which the icon says by a mark of its own.
 */
export function useTitle(title: string, badge: number | null = 0): void {
  const { t } = useTranslation();
  const text = [title, t('app.name')].filter((part) => part !== '').join(' – ');
  useEffect(() => {
    document.title = text;
  }, [text]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (link === null) return;
    const before = link.href;
    link.href = badgeIcon(badge) ?? '/favicon.svg';
    return () => {
      link.href = before;
    };
  }, [badge]);
}
