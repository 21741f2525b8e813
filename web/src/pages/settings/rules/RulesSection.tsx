import { Route, Routes } from 'react-router';
import { NewRule, RuleEditor } from './RuleEditor';
import { RuleList } from './RuleList';
import { RulePage } from './RulePage';

export default function RulesSection() {
  return (
    <Routes>
      <Route index element={<RuleList />} />
      <Route path="new" element={<NewRule />} />
      <Route path=":id" element={<RulePage />} />
      <Route path=":id/edit" element={<RuleEditor />} />
    </Routes>
  );
}
