/** Every indicator in a row: its value, what it was made of, its parts; what it is, on demand. */
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTruth } from '../../live/context';
import { useLiveLabels } from '../../ui/queue-label';
import type { Moments } from '../history/moments';
import { type Group, grouped } from './groups';
import { IndicatorRow } from './IndicatorRow';
import styles from './Indicators.module.css';
import type { Asked, Definition, Figured } from './queries';
import { usePartName } from './words';

/** So many parts have a column each; more are drawn, and stand below their indicator on demand. */
const MOST_COLUMNS = 13;

interface Props {
  readonly figures: Figured;
  readonly definitions: readonly Definition[];
  readonly asked: Asked;
  readonly moments: Moments;
  /** What the table is called. */
  readonly label: string;
}

export function IndicatorTable({ figures, definitions, asked, moments, label }: Props) {
  const { t } = useTranslation();
  const labels = useLiveLabels();
  const several = useTruth().offsets.size > 1;
  const names = usePartName(moments, labels, several);
  const groups = useMemo(() => grouped(definitions), [definitions]);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (code: string) =>
    setOpen((before) => {
      const next = new Set(before);
      if (!next.delete(code)) next.add(code);
      return next;
    });
  const { parts } = figures;
  const columns = parts.length <= MOST_COLUMNS ? parts : [];
  const drawn = parts.length > MOST_COLUMNS && parts[0]?.starts_at != null;
  const width = 3 + columns.length + (drawn ? 1 : 0);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={styles.scroller} tabIndex={0} aria-label={label}>
        <table className={styles.table}>
          <thead className={styles.heads}>
            <tr>
              <th scope="col">{t('indicators.indicator')}</th>
              <th scope="col">{t('indicators.total')}</th>
              <th scope="col">{t('indicators.made')}</th>
              {columns.map((part, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <th key={index} scope="col">
                  {names.short(part)}
                </th>
              ))}
              {drawn && <th scope="col">{t('indicators.course')}</th>}
            </tr>
          </thead>
          {groups.map(([group, members]) => (
            <tbody key={group} id={`group-${group}`}>
              <GroupHead group={group} width={width} />
              {members.map((definition) => (
                <IndicatorRow
                  key={definition.code}
                  definition={definition}
                  figures={figures}
                  asked={asked}
                  columns={columns}
                  drawn={drawn}
                  width={width}
                  names={names}
                  open={open.has(definition.code)}
                  onToggle={() => toggle(definition.code)}
                />
              ))}
            </tbody>
          ))}
        </table>
      </section>
    </>
  );
}

function GroupHead({ group, width }: { group: Group; width: number }) {
  const { t } = useTranslation();
  return (
    <tr className={styles.group}>
      <th scope="rowgroup" colSpan={width}>
        <span>
          {t(`indicators.group.${group}`)} <small>{t(`indicators.groupHelp.${group}`)}</small>
        </span>
      </th>
    </tr>
  );
}

/** Links to the groups of a table. */
export function Contents({ definitions }: { definitions: readonly Definition[] }) {
  const { t } = useTranslation();
  return (
    <nav className={styles.contents} aria-label={t('indicators.indicator')}>
      {grouped(definitions).map(([group]) => (
        <a key={group} href={`#group-${group}`}>
          {t(`indicators.group.${group}`)}
        </a>
      ))}
    </nav>
  );
}
