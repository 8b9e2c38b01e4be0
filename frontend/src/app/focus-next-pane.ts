/** What can take the keyboard in each pane, in the order that F6 goes round. */
const ENTRANCES: readonly [pane: string, entrance: string][] = [
  ["files", '[role="treeitem"][tabindex="0"]'],
  ["code", ".monaco-editor .native-edit-context, .monaco-editor textarea, button"],
  ["output", '[role="log"], [role="tab"][aria-selected="true"]'],
  ["side", '[role="tabpanel"]'],
];

/** Moves the focus into the next pane that is on the screen. */
export function focusNextPane(): void {
  const entrances = ENTRANCES.flatMap(([pane, entrance]) => {
    const box = document.querySelector(`[data-pane="${pane}"]`);
    const targets = [...(box?.querySelectorAll<HTMLElement>(entrance) ?? [])];
    const target = targets.find((element) => element.getClientRects().length > 0);
    return box && target ? [{ box, target }] : [];
  });
  const at = entrances.findIndex(({ box }) => box.contains(document.activeElement));
  entrances[(at + 1) % entrances.length]?.target.focus();
}
