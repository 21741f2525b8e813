import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { Card } from '../../ui/form/Section';
import styles from './Personal.module.css';
import type { PersonalKind } from './queries';

interface Props {
  readonly kinds: readonly PersonalKind[];
}

/** What is kept for days that an admin sets: what, why, where, how long, how much. */
export function KeptKinds({ kinds }: Props) {
  const { t } = useTranslation();
  return (
    <Card title={t('personal.kept')} lead={t('personal.keptLead')}>
      <List kinds={kinds.filter(({ settable }) => settable)} />
    </Card>
  );
}

/** What goes by a rule of its own. */
export function FixedKinds({ kinds }: Props) {
  const { t } = useTranslation();
  return (
    <Card title={t('personal.fixed')} lead={t('personal.fixedLead')}>
      <List kinds={kinds.filter(({ settable }) => !settable)} />
    </Card>
  );
}

function List({ kinds }: Props) {
  return (
    <ul className={styles.kinds}>
      {kinds.map((kind) => (
        <Kind key={kind.kind} kind={kind} />
      ))}
    </ul>
  );
}

function Kind({ kind: { kind, settable, days, oldest, rows, where } }: { kind: PersonalKind }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li>
      <div>
        <h4>{t(`personal.kind.${kind}.name`)}</h4>
        <p>{t(`personal.kind.${kind}.what`)}</p>
        <p className={styles.note}>
          {t(`personal.kind.${kind}.why`)} {t(`personal.kind.${kind}.ends`)}
        </p>
        {where.length > 0 && (
          <details className={styles.where}>
            <summary>{t('personal.where')}</summary>
            <code>{where.join(', ')}</code>
          </details>
        )}
      </div>
      <dl className={styles.measures}>
        {settable && (
          <div>
            <dt>{t('personal.days')}</dt>
            <dd>
              <strong>
                {days === null ? t('personal.noEnd') : t('personal.daysOf', { count: days })}
              </strong>
            </dd>
          </div>
        )}
        {rows !== null && (
          <div>
            <dt>{t('personal.rows')}</dt>
            <dd>{format.integer(rows)}</dd>
          </div>
        )}
        {oldest !== null && (
          <div>
            <dt>{t('personal.oldest')}</dt>
            <dd>{format.dateTime(Date.parse(oldest))}</dd>
          </div>
        )}
      </dl>
    </li>
  );
}
