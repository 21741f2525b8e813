import { IconChevronRight } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFormat } from '../../format/use-format';
import { useSession } from '../../shell/use-session';
import { Spark } from './Bars';
import { isWithin } from './groups';
import styles from './Indicators.module.css';
import { callsOf } from './links';
import type { Asked, Definition, Figured, Part, Value } from './queries';
import { useValue, useWords } from './words';

interface Names {
  short(part: Part): string;
  long(part: Part): string;
}

interface Props {
  readonly definition: Definition;
  readonly figures: Figured;
  readonly asked: Asked;
  readonly columns: readonly Part[];
  readonly drawn: boolean;
  readonly width: number;
  readonly names: Names;
  readonly open: boolean;
  readonly onToggle: () => void;
}

export function IndicatorRow(props: Props) {
  const { definition, figures, asked, columns, drawn, names, open } = props;
  const { t } = useTranslation();
  const { nameOf } = useWords();
  const value = useValue();
  const id = useId();
  const total = figures.total.values[definition.code];
  const name = nameOf(definition);
  return (
    <>
      <tr className={styles.row} data-open={open}>
        <th scope="row" data-within={isWithin(definition.code)}>
          <button
            type="button"
            className={styles.name}
            aria-expanded={open}
            aria-controls={id}
            onClick={props.onToggle}
          >
            <IconChevronRight size="0.95em" aria-hidden />
            {name}
          </button>
        </th>
        <td className={styles.total}>
          <Figure definition={definition} value={total} asked={asked} name={name} part={null} />
        </td>
        <td className={styles.made}>{value.made(definition, total)}</td>
        {columns.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          <td key={index}>
            <Figure
              definition={definition}
              value={part.values[definition.code]}
              asked={asked}
              name={t('indicators.partOf', { name, part: names.long(part) })}
              part={part}
            />
          </td>
        ))}
        {drawn && (
          <td>
            <Spark
              values={figures.parts.map((part) => part.values[definition.code]?.value ?? null)}
            />
          </td>
        )}
      </tr>
      {open && (
        <tr id={id} className={styles.more}>
          <td colSpan={props.width}>
            <Meaning definition={definition} total={total} />
            {figures.parts.length > 0 && <Parts {...props} name={name} />}
          </td>
        </tr>
      )}
    </>
  );
}

/** A value, with the range where something is unknown; it leads to its calls where a list has them. */
function Figure({
  definition,
  value: found,
  asked,
  name,
  part,
}: {
  definition: Definition;
  value: Value | undefined;
  asked: Asked;
  name: string;
  part: Part | null;
}) {
  const { t } = useTranslation();
  const session = useSession();
  const value = useValue();
  const text = value.text(definition.unit, found);
  const between = part === null ? value.range(definition.unit, found) : null;
  const to = callsOf(definition, found, asked, part, session);
  return (
    <>
      {to === null ? (
        <span>{text}</span>
      ) : (
        <Link to={to} aria-label={t('indicators.openCalls', { name, value: text })}>
          {text}
        </Link>
      )}
      {between !== null && (
        <small className={styles.between} title={t('indicators.rangeHelp')}>
          {between}
        </small>
      )}
    </>
  );
}

function Meaning({ definition, total }: { definition: Definition; total: Value | undefined }) {
  const { t } = useTranslation();
  const { meaningOf } = useWords();
  const format = useFormat();
  const exact = definition.unit === 's' && total?.value != null && !Number.isInteger(total.value);
  return (
    <div className={styles.meaning}>
      <p>{meaningOf(definition)}</p>
      {total?.value == null && <p>{t('indicators.none')}</p>}
      {exact && <p>{t('indicators.exactly', { value: format.seconds(total?.value ?? 0) })}</p>}
      <p className={styles.note}>
        {definition.source !== '' && (
          <>{t('indicators.source', { source: definition.source })} · </>
        )}
        {t('indicators.code')} <code>{definition.code}</code>
      </p>
    </div>
  );
}

/** Part by part, with what each was made of. */
function Parts({ definition, figures, asked, names, name }: Props & { name: string }) {
  const { t } = useTranslation();
  const value = useValue();
  const ratio = definition.denominator !== '';
  return (
    <div className={styles.parts}>
      <table>
        <caption className="sr-only">{name}</caption>
        <thead className={styles.thin}>
          <tr>
            <th scope="col">{t('indicators.part')}</th>
            <th scope="col">{t('indicators.value')}</th>
            {ratio && <th scope="col">{t('indicators.made')}</th>}
          </tr>
        </thead>
        <tbody>
          {figures.parts.map((part, index) => {
            const found = part.values[definition.code];
            const between = value.range(definition.unit, found);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
              <tr key={index}>
                <th scope="row">{names.long(part)}</th>
                <td>
                  <Figure
                    definition={definition}
                    value={found}
                    asked={asked}
                    name={t('indicators.partOf', { name, part: names.long(part) })}
                    part={part}
                  />
                  {between !== null && <small className={styles.between}>{between}</small>}
                </td>
                {ratio && <td>{value.made(definition, found)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
