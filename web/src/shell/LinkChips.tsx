import { Popover } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconPlugConnected,
  IconPlugConnectedX,
  IconRefresh,
  type TablerIcon,
} from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { LinkState, LivePbx } from '../api/types';
import { useFormat } from '../format/use-format';
import { useLive } from '../live/context';
import { blindSince } from '../live/freeze';
import { useLinkWords } from '../ui/link-words';
import styles from './LinkChips.module.css';

const ICONS: Record<LinkState, TablerIcon> = {
  connecting: IconRefresh,
  resyncing: IconRefresh,
  connected: IconPlugConnected,
  lost: IconPlugConnectedX,
  refused: IconPlugConnectedX,
};

/** A PBX whose clock is this far off deserves a word: waits stay right, shown hours do not. */
const CLOCK_WORTH_SAYING_S = 2;

export function LinkChips() {
  const { phase, state } = useLive();
  if (state === null) return null;
  return (
    <ul className={styles.chips} data-frozen={phase.kind === 'stale'}>
      {[...state.pbxs.values()].map((pbx) => (
        <li key={pbx.name}>
          <LinkChip pbx={pbx} since={blindSince(pbx) ?? Date.parse(pbx.since)} />
        </li>
      ))}
    </ul>
  );
}

function LinkChip({ pbx, since }: { pbx: LivePbx; since: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const Icon = ICONS[pbx.state];
  const words = useLinkWords();
  const warnings = [...words.warnings(pbx), ...clockWarning(pbx, t, format.seconds)];
  const state = t(`link.${pbx.state}`);
  return (
    <Popover position="bottom-start" width={340} withArrow>
      <Popover.Target>
        <button type="button" className={styles.chip} data-state={pbx.state}>
          <Icon size={16} aria-hidden />
          <span className={styles.pbx}>{pbx.name}</span>
          <span>
            {pbx.state === 'connected'
              ? state
              : t('link.since', { state, time: format.time(since) })}
          </span>
          {warnings.length > 0 && (
            <span className={styles.warned}>
              <IconAlertTriangleFilled size={14} aria-hidden />
              {t('link.warnings', { count: warnings.length })}
            </span>
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <strong>{t('link.title', { pbx: pbx.name })}</strong>
        <p>{t('link.since', { state, time: format.dateTime(since) })}</p>
        {pbx.detail !== '' && <p>{words.detail(pbx)}</p>}
        {pbx.detail === '' && warnings.length === 0 && pbx.state === 'connected' && (
          <p>{t('link.fine')}</p>
        )}
        <ul className={styles.warnings}>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

type Translate = TFunction;

function clockWarning(pbx: LivePbx, t: Translate, seconds: (value: number) => string): string[] {
  if (Math.abs(pbx.clock_offset_s) < CLOCK_WORTH_SAYING_S) return [];
  return [t('link.clockOffset', { seconds: seconds(Math.abs(pbx.clock_offset_s)) })];
}
