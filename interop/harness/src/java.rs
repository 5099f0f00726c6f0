//! Programs in Java on Debian's packages: compiled, then run.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::process::{self, Why};

const JARS: &str = "spring3-core spring3-beans spring3-aop spring3-expression spring3-context spring3-web \
    spring3-web.servlet commons-logging jetty9-server jetty9-servlet jetty9-http jetty9-io jetty9-util \
    jetty9-security servlet-api";

/// Compiles a source file into a folder, and gives the command that runs it.
pub async fn command(source: &Path, folder: &Path) -> Result<Command, Why> {
    let java = process::find("java")?;
    let javac = process::find("javac")?;
    let jars: Vec<_> =
        JARS.split_whitespace().map(|jar| format!("/usr/share/java/{jar}.jar")).collect();
    if let Some(missing) = jars.iter().find(|jar| !Path::new(jar).exists()) {
        return Err(Why::Missing(format!("Debian's {missing} is not installed")));
    }
    let classes = format!("{}:{}", jars.join(":"), folder.display());
    let mut compiler = Command::new(javac);
    compiler.args(["-cp", &classes, "-d"]).arg(folder).arg(source).kill_on_drop(true);
    match timeout(Duration::from_secs(60), compiler.output()).await {
        Ok(Ok(output)) if output.status.success() => {
            let mut command = Command::new(java);
            command.args(["-cp", &classes]).arg(source.file_stem().unwrap_or_default());
            Ok(command)
        }
        Ok(Ok(output)) => Err(Why::failed(String::from_utf8_lossy(&output.stderr))),
        other => Err(Why::failed(format!("javac: {other:?}"))),
    }
}
