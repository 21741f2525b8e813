/** The settings: one chunk, loaded when somebody opens them; each section is a page of its own. */
import { lazy, Suspense } from 'react';
import { Navigate, Outlet, Route, Routes } from 'react-router';
import { Loading } from './parts/Loading';
import { SettingsNav } from './SettingsNav';
import styles from './SettingsPages.module.css';

const RulesSection = lazy(() => import('./rules/RulesSection'));
const UsersSection = lazy(() => import('./access/UsersSection'));
const TokensSection = lazy(() => import('./access/TokensSection'));

export default function SettingsPages() {
  return (
    <Routes>
      <Route element={<SettingsFrame />}>
        <Route path="rules/*" element={<RulesSection />} />
        <Route path="users/*" element={<UsersSection />} />
        <Route path="tokens/*" element={<TokensSection />} />
        <Route path="*" element={<Navigate to="/settings/rules" replace />} />
      </Route>
    </Routes>
  );
}

function SettingsFrame() {
  return (
    <main id="content" className={styles.frame}>
      <SettingsNav />
      <div className={styles.content}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </div>
    </main>
  );
}
