import { useTranslation } from 'react-i18next';

export default function HistoryPage() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.history')}</h1>
    </main>
  );
}
