import { useTranslation } from 'react-i18next';

export default function LostCallersPage() {
  const { t } = useTranslation();
  return (
    <main id="content">
      <h1>{t('app.lost')}</h1>
    </main>
  );
}
