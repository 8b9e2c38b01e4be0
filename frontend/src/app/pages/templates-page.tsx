import { Page } from "../../components/page";
import { TemplateBrowser } from "../../features/templates/template-browser";
import { useOpenInWorkspace } from "../open-in-workspace";

/** From here to a first green run: pick one, press Run. */
export default function TemplatesPage(): React.JSX.Element {
  const open = useOpenInWorkspace();
  return (
    <Page title="Templates">
      <TemplateBrowser onUse={open} />
    </Page>
  );
}
