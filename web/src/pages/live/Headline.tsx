import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CommitmentFigures, Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import type { Board, Tally } from '../../live/board';
import { openVisit } from '../../live/caller';
import { AsOf } from '../../ui/AsOf';
import { VerdictMark } from '../../ui/marks';
import { Since } from '../../ui/running';
import styles from './Headline.module.css';

interface Props {
  readonly today: CommitmentFigures;
  readonly board: Board;
  readonly tally: Tally;
  readonly agentsFree: number;
  /** As of when the figures stand; null while they are live. */
  readonly frozen: number | null;
}

export function Headline({ today, board, tally, agentsFree, frozen }: Props) {
  const { t } = useTranslation();
  return (
    <section className={styles.headline} data-frozen={frozen !== null}>
      <Rate today={today} frozen={frozen} />
      <ul className={styles.now} aria-label={t('headline.now')}>
        <Count value={tally.waiting} label={t('headline.waiting')} />
        <Count value={tally.risk} label={t('headline.risk')} tone="risk" />
        <Count value={tally.breached} label={t('headline.breached')} tone="breached" />
        <Longest board={board} />
        <Count value={board.inVoiceServer.length} label={t('headline.inVoiceServer')} />
        <Count value={agentsFree} label={t('headline.agentsFree')} />
      </ul>
    </section>
  );
}

function Rate({ today, frozen }: { today: CommitmentFigures; frozen: number | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { ratio, numerator, denominator } = today.rate;
  return (
    <div className={styles.rate}>
      <Tooltip label={t('headline.rateHelp')} multiline w={320} position="bottom-start">
        <h2 className={styles.rateLabel}>
          {t('headline.rate')}
          {frozen !== null && <AsOf at={frozen} />}
        </h2>
      </Tooltip>
      <p className={styles.rateValue}>{ratio === null ? '–' : format.percent(ratio)}</p>
      <p className={styles.rateOf}>
        {denominator === 0
          ? t('headline.noneDecided')
          : t('headline.ofDecided', {
              met: format.integer(numerator),
              decided: format.integer(denominator),
            })}
      </p>
      <Shares today={today} />
      <Beside today={today} />
    </div>
  );
}

const BESIDE = ['breached', 'abandoned', 'refused', 'excluded', 'unknown'] as const;
const ENDED = ['met', ...BESIDE] as const;

/** The day's calls as one strip: what the rate is made of, and how much is not in it. */
function Shares({ today }: { today: CommitmentFigures }) {
  return (
    <div className={styles.shares} aria-hidden>
      {ENDED.map((verdict) => (
        <span key={verdict} data-verdict={verdict} style={{ flexGrow: today[verdict] }} />
      ))}
    </div>
  );
}

/** Every call of the day is met or one of these; none hides in the rate. */
function Beside({ today }: { today: CommitmentFigures }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className={styles.beside} aria-label={t('headline.beside')}>
      {BESIDE.map((verdict) => (
        <li key={verdict} title={helpOf(t, verdict, today)} data-zero={today[verdict] === 0}>
          <VerdictMark verdict={verdict} /> <strong>{format.integer(today[verdict])}</strong>{' '}
          {t(`headline.counted.${verdict}`, { count: today[verdict] })}
        </li>
      ))}
    </ul>
  );
}

type Translate = ReturnType<typeof useTranslation>['t'];

function helpOf(t: Translate, verdict: Verdict, today: CommitmentFigures): string {
  const help = t(`verdictHelp.${verdict}`);
  if (verdict !== 'abandoned' || today.short_abandons === 0) return help;
  return `${help} ${t('headline.shortAbandons', { count: today.short_abandons })}`;
}

interface CountProps {
  readonly value: number;
  readonly label: string;
  readonly tone?: 'risk' | 'breached';
}

function Count({ value, label, tone }: CountProps) {
  const format = useFormat();
  return (
    <li className={styles.count} data-tone={value > 0 ? tone : undefined}>
      <span className={styles.countValue}>{format.integer(value)}</span>
      <span className={styles.countLabel}>{label}</span>
    </li>
  );
}

/** Over all queues; the first of each queue is the one who joined first. */
function Longest({ board }: { board: Board }) {
  const { t } = useTranslation();
  let longest: { pbx: string; since: string } | null = null;
  for (const { callers } of board.queues) {
    const call = callers[0];
    const since = call === undefined ? undefined : openVisit(call)?.joined_at;
    if (call === undefined || since === undefined) continue;
    if (longest === null || Date.parse(since) < Date.parse(longest.since)) {
      longest = { pbx: call.pbx, since };
    }
  }
  return (
    <li className={styles.count}>
      <span className={styles.countValue}>
        {longest === null ? '–' : <Since pbx={longest.pbx} since={longest.since} />}
      </span>
      <span className={styles.countLabel}>{t('headline.longest')}</span>
    </li>
  );
}
