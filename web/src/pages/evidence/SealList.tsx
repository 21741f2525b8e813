import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/use-format';
import { ErrorNotice } from '../../shell/Notice';
import { Copy } from './Copy';
import { useDayText } from './days';
import styles from './Evidence.module.css';
import { PAGE, type Seal, seals } from './queries';

/** Sealed days, newest first; `newest` is the head with which the list is read anew. */
export function SealList({ newest }: { newest: string }) {
  const { t } = useTranslation();
  const found = useInfiniteQuery({
    queryKey: ['evidence', 'seals', newest],
    queryFn: ({ pageParam, signal }) => seals(pageParam, PAGE, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_before }) => next_before,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const items = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={styles.panel}>
      <h2 id="seals-title">{t('evidence.seals')}</h2>
      <p className={styles.note}>{t('evidence.sealsHelp')}</p>
      {found.isError && (
        <ErrorNotice error={found.error} retry={() => void found.fetchNextPage()} />
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section className={styles.scroller} tabIndex={0} aria-labelledby="seals-title">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('evidence.number')}</th>
              <th scope="col">{t('evidence.day')}</th>
              <th scope="col">{t('evidence.calls')}</th>
              <th scope="col" title={t('evidence.amendmentsHelp')}>
                {t('evidence.amendments')}
              </th>
              <th scope="col" title={t('evidence.removedPartsHelp')}>
                {t('evidence.removedParts')}
              </th>
              <th scope="col">{t('evidence.sealedAt')}</th>
              <th scope="col">{t('evidence.headShort')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((seal) => (
              <Row key={seal.day} seal={seal} />
            ))}
          </tbody>
        </table>
      </section>
      <p className={styles.more}>
        {found.hasNextPage ? (
          <Button
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t('evidence.older')}
          </Button>
        ) : (
          items.length > 0 && (
            <span className={styles.note}>{t('evidence.all', { count: items.length })}</span>
          )
        )}
      </p>
    </div>
  );
}

function Row({ seal }: { seal: Seal }) {
  const { t } = useTranslation();
  const format = useFormat();
  const dayText = useDayText('short');
  const shown = useRef<HTMLElement>(null);
  const day = dayText(seal.day);
  return (
    <tr>
      <td>{format.integer(seal.number)}</td>
      <th scope="row">{day}</th>
      <td>{format.integer(seal.calls)}</td>
      <td data-some={seal.amendments > 0}>{format.integer(seal.amendments)}</td>
      <td data-some={seal.removed > 0}>{format.integer(seal.removed)}</td>
      <td>{format.dateTime(Date.parse(seal.sealed_at))}</td>
      <td>
        <span className={styles.headCell}>
          <code ref={shown}>{seal.head}</code>
          <Copy
            text={seal.head}
            label={t('evidence.copyShort')}
            name={t('evidence.copyHead', { day })}
            shown={shown}
            variant="subtle"
          />
        </span>
      </td>
    </tr>
  );
}
