/** What is looked for first: the commitment with its range, what stands beside it, the service level. */
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Verdict } from '../../api/types';
import { useFormat } from '../../format/use-format';
import { useSession } from '../../shell/use-session';
import { VerdictMark } from '../../ui/marks';
import headline from '../history/Headline.module.css';
import { isFormula } from '../history/levels';
import { Interval, VerdictBar } from './Bars';
import styles from './Indicators.module.css';
import { callsOf } from './links';
import type { Asked, Definition, PeriodFigures } from './queries';
import { useValue } from './words';

const VERDICTS = ['met', 'breached', 'abandoned', 'refused', 'excluded', 'unknown'] as const;

interface Props {
  readonly figures: PeriodFigures;
  readonly definitions: readonly Definition[];
  readonly asked: Asked;
}

export function Summary(props: Props) {
  return (
    <div className={styles.cards}>
      <RateCard figures={props.figures} />
      <VerdictCard {...props} />
      <LevelCard figures={props.figures} />
    </div>
  );
}

function RateCard({ figures }: Pick<Props, 'figures'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const value = useValue();
  const rate = figures.total.values.commitment_rate;
  const unknown = figures.total.values.unknown?.value ?? 0;
  const between = value.range('ratio', rate);
  return (
    <section className={headline.card} aria-labelledby="rate-title">
      <h2 id="rate-title">{t('indicators.rate')}</h2>
      <p className={headline.big}>
        <strong>{value.text('ratio', rate)}</strong>
        {between !== null && (
          <span className={headline.spread}>
            {t('indicators.between', {
              low: format.percent(rate?.low ?? 0),
              high: format.percent(rate?.high ?? 0),
            })}
          </span>
        )}
      </p>
      <p className={headline.made}>
        {t('indicators.rateMade', {
          met: format.integer(rate?.numerator ?? 0),
          judged: format.integer(rate?.denominator ?? 0),
        })}
      </p>
      {rate?.value != null && <Interval value={rate} />}
      <p className={styles.note}>
        {unknown === 0 ? t('indicators.certain') : t('indicators.betweenHelp', { count: unknown })}
      </p>
    </section>
  );
}

function VerdictCard({ figures, definitions, asked }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const session = useSession();
  const { values } = figures.total;
  const many = (code: string) => values[code]?.value ?? 0;
  const link = (verdict: Verdict) => {
    const definition = definitions.find(({ code }) => code === verdict);
    return definition === undefined
      ? null
      : callsOf(definition, values[verdict], asked, null, session);
  };
  return (
    <section className={headline.card} aria-labelledby="calls-title">
      <h2 id="calls-title">{t('indicators.calls')}</h2>
      <p className={headline.big}>
        <strong>{format.integer(many('calls'))}</strong>
      </p>
      <VerdictBar parts={VERDICTS.map((verdict) => [verdict, many(verdict)])} />
      <ul className={styles.verdicts}>
        {VERDICTS.map((verdict) => {
          const to = link(verdict);
          const name = t(`verdict.${verdict}`);
          const value = format.integer(many(verdict));
          return (
            <li key={verdict} title={t(`verdictHelp.${verdict}`)}>
              <VerdictMark verdict={verdict} /> {name}{' '}
              {to === null ? (
                <strong>{value}</strong>
              ) : (
                <Link to={to} aria-label={t('indicators.openCalls', { name, value })}>
                  <strong>{value}</strong>
                </Link>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function LevelCard({ figures }: Pick<Props, 'figures'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const session = useSession();
  const value = useValue();
  const name = session?.service_level ?? '';
  const formula = isFormula(name) ? name : 'abandoned_within_count_for';
  const { values } = figures.total;
  const level = values[formula];
  const between = value.range('ratio', level);
  return (
    <section className={headline.card} aria-labelledby="level-title">
      <h2 id="level-title">{t('indicators.level')}</h2>
      <p className={headline.big}>
        <strong>{value.text('ratio', level)}</strong>
        {between !== null && <span className={headline.spread}>{between}</span>}
      </p>
      <p className={headline.made}>
        {t(`history.formulaName.${formula}`)} · {format.integer(level?.numerator ?? 0)} /{' '}
        {format.integer(level?.denominator ?? 0)}
      </p>
      <dl className={headline.figures}>
        {(['offered', 'answered', 'abandoned_visits', 'asa'] as const).map((code) => (
          <div key={code}>
            <dt>{t(`indicators.name.${code}`)}</dt>
            <dd>{value.text(code === 'asa' ? 's' : 'count', values[code])}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
