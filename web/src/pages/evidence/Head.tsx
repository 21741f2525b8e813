import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { Copy } from './Copy';
import { useDayText } from './days';
import styles from './Evidence.module.css';
import type { Evidence } from './queries';

const GROUP = 8;
const KEEP = ['monthly', 'one', 'reports', 'limit'] as const;

/** In eights, as people copy them onto paper; they are selected as one. */
const groups = (head: string): readonly string[] =>
  head.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [];

/** The head of the chain, to be taken out of everybody's hands. */
export function Head({ status }: { status: Evidence }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dayText = useDayText();
  const digits = useRef<HTMLElement>(null);
  const { head, last_day, sealed_days } = status;
  if (head === '' || last_day === null) {
    return (
      <section className={styles.panel} aria-labelledby="head-title">
        <h2 id="head-title">{t('evidence.head')}</h2>
        <p className={styles.empty}>{t('evidence.none')}</p>
      </section>
    );
  }
  const day = dayText(last_day);
  const days = format.integer(sealed_days);
  return (
    <section className={styles.panel} aria-labelledby="head-title">
      <h2 id="head-title">{t('evidence.head')}</h2>
      <p className={styles.digits}>
        <code ref={digits}>
          {groups(head).map((group, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
            <span key={index}>{group}</span>
          ))}
        </code>
      </p>
      <p className={styles.note}>{t('evidence.headOf', { day, days })}</p>
      <div className={styles.buttons}>
        <Copy text={head} label={t('evidence.copy')} shown={digits} variant="filled" />
        <Copy
          text={t('evidence.note', { day, days, head, today: format.dateTime(Date.now()) })}
          label={t('evidence.copyNote')}
          shown={digits}
        />
      </div>
      <h3>{t('evidence.whatTo')}</h3>
      <ul className={styles.keep}>
        {KEEP.map((one) => (
          <li key={one}>{t(`evidence.keep.${one}`)}</li>
        ))}
      </ul>
    </section>
  );
}
