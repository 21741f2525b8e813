import { Button } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { PbxCheck, PbxItem, PbxTest } from '../../../api/types';
import { Callout, Card } from '../../../ui/form/Section';
import { useFieldErrors, useProblemText } from '../errors';
import { type PbxForm, pbxBody, secretsAnew } from '../parts/bodies';
import { useDiffWords } from '../parts/diff-words';
import { testPbx } from '../queries';
import { adviceOf, checkName } from './advice';
import styles from './PbxTest.module.css';

type Check = PbxCheck;

const MARK: Record<Check['status'], TablerIcon> = {
  ok: IconCircleCheckFilled,
  warning: IconAlertTriangleFilled,
  failed: IconCircleXFilled,
  skipped: IconCircleDashed,
};

/** Tries what stands in the form, saved or not, and says what is wrong and what to do. */
export function PbxTestCard({ form, item }: { form: PbxForm; item: PbxItem | null }) {
  const { t } = useTranslation();
  const problem = useProblemText();
  const fieldErrors = useFieldErrors();
  const test = useMutation({ mutationFn: () => testPbx(pbxBody(form)) });
  return (
    <Card
      title={t('settings.test.title')}
      lead={t('settings.test.lead')}
      aside={
        <Button variant="default" size="xs" loading={test.isPending} onClick={() => test.mutate()}>
          {t('settings.test.run')}
        </Button>
      }
    >
      <div role="status">
        {test.isPending && <p>{t('settings.test.running')}</p>}
        {test.isError && (
          <Callout tone="breach" title={problem(test.error)}>
            <Wrong errors={fieldErrors(test.error)} form={form} item={item} />
          </Callout>
        )}
        {test.isSuccess && <Result found={test.data} />}
      </div>
    </Card>
  );
}

function Wrong({
  errors,
  form,
  item,
}: {
  errors: Readonly<Record<string, string>>;
  form: PbxForm;
  item: PbxItem | null;
}) {
  const { t } = useTranslation();
  const words = useDiffWords();
  const anew = secretsAnew(form, item);
  return (
    <ul>
      {Object.entries(errors).map(([path, message]) => (
        <li key={path}>
          <strong>{words.field(path)}</strong> –{' '}
          {anew.includes(path) ? t('settings.check.secretAnew') : message}
        </li>
      ))}
    </ul>
  );
}

const WORST = ['failed', 'warning', 'skipped', 'ok'] as const;

function Result({ found }: { found: PbxTest }) {
  const { t } = useTranslation();
  const count = (status: Check['status']) =>
    found.checks.filter((check) => check.status === status).length;
  const failed = count('failed');
  const warned = count('warning');
  const sorted = [...found.checks].sort(
    (a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status),
  );
  return (
    <>
      <p className={styles.summary}>
        {failed > 0
          ? t('settings.test.failed', { count: failed })
          : warned > 0
            ? t('settings.test.warned', { count: warned })
            : t('settings.test.good')}
        {found.version !== '' && ` Asterisk ${found.version}.`}
      </p>
      <ul className={styles.checks}>
        {sorted.map((check) => (
          <Line key={`${check.code} ${JSON.stringify(check.params)}`} check={check} />
        ))}
      </ul>
    </>
  );
}

function Line({ check }: { check: Check }) {
  const { t, i18n } = useTranslation();
  const Mark = MARK[check.status];
  return (
    <li data-status={check.status}>
      <Mark size="1.1em" aria-hidden />
      <span className={styles.name}>
        {checkName(t, check)}
        <span className="sr-only">{`: ${t(`settings.testStatus.${check.status}`)}`}</span>
      </span>
      <span className={styles.words}>{adviceOf(t, i18n.resolvedLanguage ?? 'en', check)}</span>
    </li>
  );
}
