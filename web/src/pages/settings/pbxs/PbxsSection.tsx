import { Route, Routes } from 'react-router';
import { PbxEditor } from './PbxEditor';
import { PbxList } from './PbxList';

export default function PbxsSection() {
  return (
    <Routes>
      <Route index element={<PbxList />} />
      <Route path=":id" element={<PbxEditor />} />
    </Routes>
  );
}
