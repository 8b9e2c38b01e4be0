import { Page } from "../../components/page";
import { TemplateBrowser } from "../../features/templates/template-browser";
import { reached } from "../../lib/milestones";
import { useOpenInWorkspace } from "../open-in-workspace";

/** From here to a first green run: pick one, press Run. */
export default function TemplatesPage(): React.JSX.Element {
  const open = useOpenInWorkspace();
  return (
    <Page title="Templates">
      <TemplateBrowser
        onUse={({ title, files, entrypoint }) => {
          reached("template");
          void open({ name: title, files, entrypoint });
        }}
      />
    </Page>
  );
}
