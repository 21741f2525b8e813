import type { TFunction } from 'i18next';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../../api/types';
import { openStay, openVisit } from '../../live/caller';
import { useTruth } from '../../live/context';
import { frozenAt } from '../../live/freeze';
import { CallerRow } from './CallerRow';
import styles from './Panel.module.css';

const SHOWN = 8;

interface Props {
  readonly arriving: readonly Call[];
  readonly inVoiceServer: readonly Call[];
}

/** Callers whose minute may run already, though no queue knows them yet. */
export const EnRoute = memo(
  function EnRoute({ arriving, inVoiceServer }: Props) {
    const { t } = useTranslation();
    return (
      <section className={styles.panel} aria-labelledby="en-route">
        <h2 id="en-route" className={styles.title}>
          {t('enRoute.title')}
        </h2>
        <Group title={t('enRoute.arriving')} help={t('enRoute.arrivingHelp')} calls={arriving} />
        <Group title={t('enRoute.inVoiceServer')} calls={inVoiceServer} />
      </section>
    );
  },
  (before, after) =>
    sameCalls(before.arriving, after.arriving) &&
    sameCalls(before.inVoiceServer, after.inVoiceServer),
);

const sameCalls = (a: readonly Call[], b: readonly Call[]): boolean =>
  a.length === b.length && a.every((call, index) => call === b[index]);

function Group({ title, help, calls }: { title: string; help?: string; calls: readonly Call[] }) {
  const { t } = useTranslation();
  const { freeze } = useTruth();
  const more = calls.length - SHOWN;
  const frozen = calls.some((call) => frozenAt(freeze, call.pbx) !== null);
  return (
    <div className={styles.group} data-frozen={frozen}>
      <h3 className={styles.groupTitle} title={help}>
        {title} <span className={styles.groupCount}>{calls.length}</span>
      </h3>
      {calls.length > 0 && (
        <ul className={styles.rows}>
          {calls.slice(0, SHOWN).map((call) => (
            <CallerRow key={call.id} call={call} position={null} place={placeOf(t, call)} />
          ))}
        </ul>
      )}
      {more > 0 && <p className={styles.more}>{t('queue.more', { count: more })}</p>}
    </div>
  );
}

function placeOf(t: TFunction, call: Call): string {
  const stay = openStay(call);
  if (stay === null) return openVisit(call)?.queue ?? '';
  if (stay.inputs === '') return stay.name;
  return `${stay.name} · ${t('caller.inputs', { inputs: stay.inputs })}`;
}
