import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CallDetail } from '../../api/types';
import { VERDICTS, type Verdict } from '../../api/types';
import { span } from '../../format/format';
import { useFormat } from '../../format/use-format';
import { useReason } from '../../ui/reason';
import { policyPath } from '../paths';
import styles from './Calls.module.css';
import { useFinding } from './findings';

/** Why the verdict is what it is: the promise, the arithmetic, and what explains it. */
export function CallWhy({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const finding = useFinding();
  return (
    <section className={styles.block}>
      <h2>{t('call.why')}</h2>
      <Arithmetic call={call} />
      {call.diagnosis.length > 0 && (
        <>
          <h3 className={styles.subhead}>{t('call.diagnosis')}</h3>
          <ul className={styles.findings}>
            {call.diagnosis.map((found) => (
              <li key={`${found.code} ${JSON.stringify(found.params)}`} data-code={found.code}>
                {finding(found)}
              </li>
            ))}
          </ul>
        </>
      )}
      <Corrections call={call} />
      <Policy call={call} />
    </section>
  );
}

function Arithmetic({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const within = format.seconds(call.within_s);
  if (call.clock_started_at === null || call.deadline_at === null) {
    return <p>{t('call.rule.noClock', { within })}</p>;
  }
  const start = Date.parse(call.clock_started_at);
  const deadline = Date.parse(call.deadline_at);
  const atArrival = call.clock_started_at === call.arrived_at;
  const handled = call.handled_at === null ? null : Date.parse(call.handled_at);
  const end = handled ?? (call.ended_at === null ? null : Date.parse(call.ended_at));
  return (
    <>
      <p>
        {t(atArrival ? 'call.rule.arrival' : 'call.rule.later', {
          within,
          start: format.timeExact(start),
          deadline: format.timeExact(deadline),
        })}
      </p>
      {end === null ? (
        <p>{t(call.verdict === 'pending' ? 'call.rule.runs' : 'call.rule.unseen')}</p>
      ) : (
        <p>
          {t(handled === null ? 'call.rule.ended' : 'call.rule.handled', {
            wait: format.seconds((end - start) / 1000),
            margin: format.seconds(Math.abs(deadline - end) / 1000),
            side: t(end < deadline ? 'call.rule.before' : 'call.rule.after'),
          })}
        </p>
      )}
    </>
  );
}

const isVerdict = (code: unknown): code is Verdict => VERDICTS.some((known) => known === code);

/** How a verdict changed, when late facts proved another. */
function Corrections({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reason = useReason();
  const corrected = call.timeline.filter(({ kind }) => kind === 'corrected');
  if (corrected.length === 0) return null;
  return (
    <>
      <h3 className={styles.subhead}>{t('call.corrections')}</h3>
      <ol className={styles.findings}>
        {corrected.map(({ at, detail }) => (
          <li key={`${at} ${detail.previous} ${detail.verdict}`}>
            {t('call.correction', {
              time: format.timeExact(Date.parse(at)),
              before: isVerdict(detail.previous) ? t(`verdict.${detail.previous}`) : '?',
              after: isVerdict(detail.verdict) ? t(`verdict.${detail.verdict}`) : '?',
            })}{' '}
            {reason(String(detail.reason ?? ''))}
          </li>
        ))}
      </ol>
    </>
  );
}

function Policy({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const risk =
    call.at_risk_at === null || call.clock_started_at === null
      ? null
      : Date.parse(call.at_risk_at) - Date.parse(call.clock_started_at);
  return (
    <p className={styles.policy}>
      {t('call.policyLine', { version: format.integer(call.policy_version) })}
      {risk !== null && ` ${t('call.atRiskLine', { span: span(risk) })}`}{' '}
      <Link to={policyPath(call.policy_version)}>{t('call.policyOpen')}</Link>
    </p>
  );
}
