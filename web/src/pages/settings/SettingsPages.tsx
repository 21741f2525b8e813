/** The settings: one chunk, loaded when somebody opens them; each section is a page of its own. */
import { lazy, Suspense } from 'react';
import { Navigate, Outlet, Route, Routes } from 'react-router';
import { Loading } from './parts/Loading';
import { SettingsNav } from './SettingsNav';
import styles from './SettingsPages.module.css';

const PbxsSection = lazy(() => import('./pbxs/PbxsSection'));
const QueuesSection = lazy(() => import('./queues/QueuesSection'));
const CommitmentSection = lazy(() => import('./commitment/CommitmentSection'));
const CentreSection = lazy(() => import('./centre/CentreSection'));
const VoiceServersSection = lazy(() => import('./voice-servers/VoiceServersSection'));
const HoursSection = lazy(() => import('./hours/HoursSection'));
const RulesSection = lazy(() => import('./rules/RulesSection'));
const TeamsSection = lazy(() => import('./teams/TeamsSection'));
const UsersSection = lazy(() => import('./access/UsersSection'));
const TokensSection = lazy(() => import('./access/TokensSection'));
const ChangesSection = lazy(() => import('./changes/ChangesSection'));
const TransferSection = lazy(() => import('./transfer/TransferSection'));
const PersonalDataSection = lazy(() => import('../personal-data/PersonalDataSection'));

export default function SettingsPages() {
  return (
    <Routes>
      <Route element={<SettingsFrame />}>
        <Route path="pbxs/*" element={<PbxsSection />} />
        <Route path="queues/*" element={<QueuesSection />} />
        <Route path="commitment" element={<CommitmentSection />} />
        <Route path="centre" element={<CentreSection />} />
        <Route path="voice-servers/*" element={<VoiceServersSection />} />
        <Route path="hours/*" element={<HoursSection />} />
        <Route path="rules/*" element={<RulesSection />} />
        <Route path="teams/*" element={<TeamsSection />} />
        <Route path="users/*" element={<UsersSection />} />
        <Route path="tokens/*" element={<TokensSection />} />
        <Route path="changes" element={<ChangesSection />} />
        <Route path="transfer" element={<TransferSection />} />
        <Route path="personal-data" element={<PersonalDataSection />} />
        <Route path="*" element={<Navigate to="/settings/pbxs" replace />} />
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
