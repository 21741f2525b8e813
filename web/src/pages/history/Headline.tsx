/** The figures of the whole range, each with what it was made from, and each leading to its calls. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Verdict } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { VerdictMark } from '../../ui/marks';
import styles from './Headline.module.css';
import { boundsOf, type Formula, levelOf, spread } from './levels';
import type { Moments } from './moments';
import { type Asked, type Bounds, callsLink, type Series } from './queries';

interface Props {
  readonly series: Series;
  readonly other: Series | null;
  readonly asked: Asked;
  readonly formula: Formula;
  readonly moments: Moments;
}

const BESIDE: readonly Verdict[] = ['abandoned', 'refused', 'excluded', 'unknown', 'pending'];
const MS = 1_000;

export function Headline({ series, other, asked, formula, moments }: Props) {
  return (
    <div className={styles.cards}>
      <RateCard series={series} other={other} asked={asked} moments={moments} />
      <LevelCard series={series} other={other} formula={formula} moments={moments} />
      <VolumeCard series={series} other={other} asked={asked} />
    </div>
  );
}

function useCalls(asked: Asked) {
  return (more: Readonly<Record<string, string>>) =>
    callsLink(asked, asked.range.from, asked.range.to, more);
}

function RateCard({ series, other, asked, moments }: Omit<Props, 'formula'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const calls = useCalls(asked);
  const { commitment, rate_bounds } = series.total;
  const { rate } = commitment;
  const figure = (verdict: Verdict) => (
    <Figure
      key={verdict}
      name={t(`verdict.${verdict}`)}
      help={t(`verdictHelp.${verdict}`)}
      value={format.integer(commitment[verdict])}
      link={commitment[verdict] === 0 ? null : calls({ verdict })}
      mark={<VerdictMark verdict={verdict} />}
    />
  );
  return (
    <section className={styles.card} aria-labelledby="rate-title">
      <h2 id="rate-title">{t('history.commitment')}</h2>
      <Big
        ratio={rate.ratio}
        bounds={rate_bounds}
        target={series.commitment_target}
        other={other?.total.commitment.rate.ratio ?? null}
        compared={other !== null}
        moments={moments}
      />
      <p className={styles.made}>
        {t('history.rateMade', {
          met: format.integer(rate.numerator),
          judged: format.integer(rate.denominator),
        })}
      </p>
      <dl className={styles.figures}>
        {figure('met')}
        {figure('breached')}
        {BESIDE.filter((verdict) => verdict !== 'pending' || commitment.pending > 0).map(figure)}
      </dl>
    </section>
  );
}

function LevelCard({ series, other, formula, moments }: Omit<Props, 'asked'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const level = levelOf(series.total, formula);
  const { queues } = series.total;
  return (
    <section className={styles.card} aria-labelledby="level-title">
      <h2 id="level-title">{t('history.level')}</h2>
      <Big
        ratio={level.ratio}
        bounds={boundsOf(series.total, formula)}
        target={series.service_level_target}
        other={other === null ? null : levelOf(other.total, formula).ratio}
        compared={other !== null}
        moments={moments}
      />
      <p className={styles.made}>
        {t(`history.formulaName.${formula}`)}
        {' · '}
        {format.integer(level.numerator)} / {format.integer(level.denominator)}
      </p>
      <dl className={styles.figures}>
        <Figure
          name={t('history.asa')}
          help={t('history.asaHelp')}
          value={queues.asa_s === null ? '–' : span(queues.asa_s * MS)}
          before={other === null ? null : spanOr(other.total.queues.asa_s)}
        />
        <Figure
          name={t('history.longest')}
          help={t('history.longestHelp')}
          value={longest(queues)}
          before={other === null ? null : longest(other.total.queues)}
        />
        <Figure
          name={t('history.talk')}
          help={t('history.talkHelp')}
          value={spanOr(queues.average_talk_s)}
          before={other === null ? null : spanOr(other.total.queues.average_talk_s)}
        />
      </dl>
    </section>
  );
}

/** Where nobody came, nobody waited. */
const longest = (of: { offered: number; longest_wait_s: number }): string =>
  spanOr(of.offered === 0 ? null : of.longest_wait_s);
const spanOr = (seconds: number | null): string => (seconds === null ? '–' : span(seconds * MS));

function VolumeCard({ series, other, asked }: Omit<Props, 'formula' | 'moments'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const calls = useCalls(asked);
  const { queues } = series.total;
  const before = (name: 'answered' | 'abandoned' | 'left_otherwise' | 'unknown') =>
    other === null ? null : format.integer(other.total.queues[name]);
  const change = changeOf(queues.offered, other?.total.queues.offered ?? null);
  return (
    <section className={styles.card} aria-labelledby="volume-title">
      <h2 id="volume-title">{t('history.offered')}</h2>
      <p className={styles.big}>
        <strong>{format.integer(queues.offered)}</strong>
        {change !== null && (
          <span className={styles.delta}>
            {t('history.volumeChange', {
              change: signed(change, format.percent),
              before: format.integer(other?.total.queues.offered ?? 0),
            })}
          </span>
        )}
      </p>
      <p className={styles.made}>{t('history.offeredMade')}</p>
      <dl className={styles.figures}>
        <Figure
          name={t('history.answered')}
          help={t('history.answeredHelp')}
          value={format.integer(queues.answered)}
          before={before('answered')}
          link={queues.answered === 0 ? null : calls({ exit: 'answered' })}
        />
        <Figure
          name={t('history.abandonedVisits')}
          help={t('history.abandonedHelp')}
          value={format.integer(queues.abandoned)}
          before={before('abandoned')}
          link={queues.abandoned === 0 ? null : calls({ exit: 'abandoned' })}
          note={t('history.ofThem', {
            within: format.integer(queues.abandoned_within),
            short: format.integer(queues.abandoned_short),
          })}
        />
        <Figure
          name={t('history.count.left_otherwise')}
          help={t('history.restHelp')}
          value={format.integer(queues.left_otherwise)}
          before={before('left_otherwise')}
        />
        <Figure
          name={t('history.count.unknown')}
          help={t('history.unknownHelp')}
          value={format.integer(queues.unknown)}
          before={before('unknown')}
          link={queues.unknown === 0 ? null : calls({ exit: 'unknown' })}
        />
      </dl>
    </section>
  );
}

function Big({
  ratio,
  bounds,
  target,
  other,
  compared,
  moments,
}: {
  ratio: number | null;
  bounds: Bounds;
  target: number | null;
  other: number | null;
  compared: boolean;
  moments: Moments;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const between = spread(bounds);
  const missed = ratio !== null && target !== null && ratio < target;
  return (
    <p className={styles.big} data-missed={missed}>
      <strong>{ratio === null ? '–' : format.percent(ratio)}</strong>
      {between !== null && (
        <span className={styles.spread} title={t('history.spreadHelp')}>
          {t('history.spread', {
            low: format.percent(between.low),
            high: format.percent(between.high),
          })}
        </span>
      )}
      {target !== null && (
        <span className={styles.target}>
          {missed
            ? t('history.targetMissed', { share: format.percent(target) })
            : t('history.targetKept', { share: format.percent(target) })}
        </span>
      )}
      {compared && (
        <span className={styles.delta}>
          {ratio === null || other === null
            ? t('history.noOther')
            : t('history.points', {
                change: moments.points(ratio - other),
                before: format.percent(other),
              })}
        </span>
      )}
    </p>
  );
}

function signed(value: number, text: (value: number) => string): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : '±'}${text(Math.abs(value))}`;
}

const changeOf = (now: number, before: number | null): number | null =>
  before === null || before === 0 ? null : now / before - 1;

function Figure({
  name,
  help,
  value,
  before = null,
  link = null,
  mark,
  note,
}: {
  name: string;
  help: string;
  value: string;
  before?: string | null;
  link?: string | null;
  mark?: ReactNode;
  note?: string;
}) {
  const { t } = useTranslation();
  return (
    <div title={help}>
      <dt>
        {mark} {name}
      </dt>
      <dd>
        {link === null ? (
          <span>{value}</span>
        ) : (
          <Link to={link} aria-label={t('history.callsOf', { name, value })}>
            {value}
          </Link>
        )}
        {before !== null && <small>{t('history.before', { value: before })}</small>}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
