export default function RulesSection() {
  return <section />;
}
