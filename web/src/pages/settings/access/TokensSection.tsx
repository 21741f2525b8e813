export default function TokensSection() {
  return <section />;
}
