import { Tooltip } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommitmentFigures, LiveScope, Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import type { Board, Tally } from '../../live/board';
import { longestOf } from '../../live/caller';
import { minutesOf, type Trends } from '../../live/trend';
import { AsOf } from '../../ui/AsOf';
import { VerdictMark } from '../../ui/marks';
import { Since } from '../../ui/running';
import styles from './Headline.module.css';
import { Spark } from './Spark';

interface Props {
  readonly today: CommitmentFigures;
  readonly scope: LiveScope;
  readonly board: Board;
  readonly tally: Tally;
  readonly agentsFree: number;
  readonly trends: Trends;
  /** Up to which minute the trend goes. */
  readonly minute: number;
  /** As of when the figures stand; null while they are live. */
  readonly frozen: number | null;
}

export function Headline(props: Props) {
  const { today, scope, board, tally, agentsFree, trends, minute, frozen } = props;
  const { t } = useTranslation();
  const minutes = useMemo(() => minutesOf(trends.values(), minute), [trends, minute]);
  return (
    <section className={styles.headline} data-frozen={frozen !== null}>
      <Rate today={today} scope={scope} frozen={frozen} />
      <div className={styles.right}>
        <ul className={styles.now} aria-label={t('headline.now')}>
          <Count value={tally.waiting} label={t('headline.waiting')} />
          <Count value={tally.risk} label={t('headline.risk')} tone="risk" />
          <Count value={tally.breached} label={t('headline.breached')} tone="breached" />
          <Longest board={board} />
          <Count value={board.inVoiceServer.length} label={t('headline.inVoiceServer')} />
          <Count value={agentsFree} label={t('headline.agentsFree')} />
        </ul>
        <div className={styles.hour}>
          <h2 className={styles.rateLabel}>{t('headline.hour')}</h2>
          <Spark
            minutes={minutes}
            target={null}
            name={t('headline.allQueues')}
            className={styles.spark}
          />
        </div>
      </div>
    </section>
  );
}

interface RateProps {
  readonly today: CommitmentFigures;
  readonly scope: LiveScope;
  readonly frozen: number | null;
}

function Rate({ today, scope, frozen }: RateProps) {
  const { t } = useTranslation();
  const format = useFormat();
  // Who sees some queues only gets figures of these, counted every few seconds.
  const counted = scope.today_from === 'record' ? scope.today_as_of : null;
  const { ratio, numerator, denominator } = today.rate;
  return (
    <div className={styles.rate}>
      <Tooltip label={t('headline.rateHelp')} multiline w={320} position="bottom-start">
        <h2 className={styles.rateLabel}>
          {t('headline.rate')}
          {counted !== null && (
            <span className={styles.counted}>
              {t('headline.countedAt', { time: format.time(Date.parse(counted)) })}
            </span>
          )}
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

type Translate = TFunction;

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
  const longest = longestOf(board.queues.flatMap(({ callers }) => callers.slice(0, 1)));
  return (
    <li className={styles.count}>
      <span className={styles.countValue}>
        {longest === null ? '–' : <Since pbx={longest.pbx} since={longest.since} />}
      </span>
      <span className={styles.countLabel}>{t('headline.longest')}</span>
    </li>
  );
}
