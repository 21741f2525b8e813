import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QueueNames } from '../../live/hooks';
import { toggled } from '../../live/view';
import { EVERY_DEFAULT_S, WALL_VIEWS, type WallView, writeWall } from '../../live/wall';
import { Dialog } from '../../ui/Dialog';
import { QueueChoice } from './Toolbar';
import styles from './WallDialog.module.css';

interface Props {
  readonly queues: QueueNames;
  readonly chosen: ReadonlySet<string>;
  readonly onClose: () => void;
}

const LANGUAGES = ['', 'en', 'fr'] as const;

/** Helps to choose what a wall screen shows, and gives its address. */
export default function WallDialog({ queues, chosen, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const [views, setViews] = useState<ReadonlySet<WallView>>(
    new Set(chosen.size > 0 ? ['overview', 'queues', 'agents'] : ['overview', 'worst', 'agents']),
  );
  const [own, setOwn] = useState(chosen);
  const [every, setEvery] = useState(EVERY_DEFAULT_S);
  const [language, setLanguage] = useState<(typeof LANGUAGES)[number]>(
    i18n.resolvedLanguage === 'fr' ? 'fr' : 'en',
  );
  const [theme, setTheme] = useState<'dark' | 'light'>('dark');
  const [copied, setCopied] = useState(false);
  const path = writeWall({
    views: WALL_VIEWS.filter((view) => views.has(view)),
    everyS: every,
    queues: views.has('queues') ? [...own] : [],
    language: language === '' ? null : language,
    theme,
  });
  const address = new URL(path, window.location.href).href;
  const usable = views.size > 0 && (!views.has('queues') || own.size > 0);
  const copy = async () => {
    await navigator.clipboard?.writeText(address).catch(() => undefined);
    setCopied(true);
  };
  return (
    <Dialog title={t('wall.choose')} onClose={onClose}>
      <fieldset className={styles.group}>
        <legend>{t('wall.views')}</legend>
        {WALL_VIEWS.map((view) => (
          <label key={view}>
            <input
              type="checkbox"
              checked={views.has(view)}
              onChange={() => setViews(toggled(views, view))}
            />
            <span>
              {t(`wall.view.${view}`)} <small>{t(`wall.viewHelp.${view}`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      {views.has('queues') && (
        <fieldset className={styles.group}>
          <legend>{t('wall.queues')}</legend>
          <QueueChoice queues={queues} chosen={own} onToggle={(key) => setOwn(toggled(own, key))} />
        </fieldset>
      )}
      <div className={styles.line}>
        <label>
          {t('wall.every')}
          <input
            type="number"
            min={3}
            max={3600}
            value={every}
            onChange={(event) => setEvery(Number(event.target.value) || EVERY_DEFAULT_S)}
          />
        </label>
        <label>
          {t('app.language')}
          <select
            value={language}
            onChange={(event) => setLanguage(event.target.value as typeof language)}
          >
            <option value="en">English</option>
            <option value="fr">Français</option>
          </select>
        </label>
        <label>
          {t('wall.theme')}
          <select value={theme} onChange={(event) => setTheme(event.target.value as typeof theme)}>
            <option value="dark">{t('wall.dark')}</option>
            <option value="light">{t('wall.light')}</option>
          </select>
        </label>
      </div>
      <label className={styles.address}>
        {t('wall.address')}
        <input type="text" readOnly value={address} onFocus={(event) => event.target.select()} />
      </label>
      <p className={styles.help}>{t('wall.deviceHelp')}</p>
      <div className={styles.actions}>
        <span role="status">{copied ? t('wall.copied') : ''}</span>
        <Button variant="default" onClick={() => void copy()}>
          {t('wall.copy')}
        </Button>
        <Button disabled={!usable} onClick={() => window.open(path, '_blank', 'noopener')}>
          {t('wall.open')}
        </Button>
      </div>
    </Dialog>
  );
}
