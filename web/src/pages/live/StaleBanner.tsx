import { IconPlugConnectedX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LiveOverflow, LivePbx } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useLive, useLiveStore } from '../../live/context';
import { blindSince } from '../../live/freeze';
import { useLinkWords } from '../../ui/link-words';
import styles from './StaleBanner.module.css';

/** What is not live, across the whole width: a frozen number must never pass for a live one. */
export function StaleBanner() {
  const { phase, state } = useLive();
  return (
    <div role="alert" className={styles.place}>
      {phase.kind === 'stale' && <StreamStale asOf={phase.asOf} reason={phase.reason} />}
      {phase.kind === 'live' &&
        [...(state?.pbxs.values() ?? [])]
          .filter((pbx) => pbx.state !== 'connected')
          .map((pbx) => <PbxStale key={pbx.name} pbx={pbx} />)}
      {state?.system.history === 'failing' && (
        <HistoryFailing detail={state.system.history_detail} />
      )}
      {state?.overflow.switch.on === false && <OverflowOff {...state.overflow.switch} />}
    </div>
  );
}

function StreamStale({ asOf, reason }: { asOf: number | null; reason: 'closed' | 'silent' }) {
  const { t } = useTranslation();
  const store = useLiveStore();
  const format = useFormat();
  const time = asOf === null ? '' : format.time(asOf);
  return (
    <div className={styles.banner}>
      <IconPlugConnectedX className={styles.icon} aria-hidden />
      <p>
        <strong>
          {asOf === null ? t('stale.streamTitleUnknown') : t('stale.streamTitle', { time })}
        </strong>{' '}
        {asOf === null ? t('error.network') : t(`stale.${reason}`, { time })}
      </p>
      <button type="button" className={styles.button} onClick={() => store.hurry()}>
        {t('stale.tryNow')}
      </button>
    </div>
  );
}

function PbxStale({ pbx }: { pbx: LivePbx }) {
  const { t } = useTranslation();
  const words = useLinkWords();
  const format = useFormat();
  if (pbx.state === 'connected') return null;
  const since = blindSince(pbx) ?? Date.parse(pbx.since);
  return (
    <div className={styles.banner}>
      <IconPlugConnectedX className={styles.icon} aria-hidden />
      <p>
        <strong>
          {t(`stale.pbxTitle.${pbx.state}`, { pbx: pbx.name, time: format.time(since) })}
        </strong>{' '}
        {t('stale.pbxText')} {words.detail(pbx)}
      </p>
    </div>
  );
}

/** Live figures go on, so nothing is frozen; but the evidence is not being kept. */
function HistoryFailing({ detail }: { detail: string }) {
  const { t, i18n } = useTranslation();
  const english = i18n.resolvedLanguage === 'en';
  return (
    <div className={styles.banner} data-kind="history">
      <p>
        <strong>{t('stale.history')}</strong>{' '}
        {english || detail === '' ? detail : t('link.original', { text: detail })}
      </p>
    </div>
  );
}

/** Nothing is frozen here either; but waiting callers are left to the dialplan. */
function OverflowOff({ at, by, note }: LiveOverflow['switch']) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={styles.banner} data-kind="overflow">
      <p>
        <strong>
          {at === null
            ? t('overflow.offNever')
            : t('overflow.off', { time: format.time(Date.parse(at)), by })}
        </strong>{' '}
        {note === '' ? t('overflow.offText') : note}
      </p>
    </div>
  );
}
